/* The library's enumerations by the names that options and notes have for
   them. */
#ifndef CLI_CHOICES_H
#define CLI_CHOICES_H

#include <mnist.h>

/* For the choices of an option, up to a NULL: the number of a name is that of
   the enumeration, but for what Keras calls a monitor, which comes behind. */
extern const char *const cli_schedules[];
extern const char *const cli_monitors[];

mnist_schedule cli_schedule_of(const char *name);
mnist_monitor cli_monitor_of(const char *name);

/* What a training that looks at `monitor` looks at, by the name that it has
   here: not "auto". */
const char *cli_monitor_name(mnist_monitor monitor, int validates);

#endif
