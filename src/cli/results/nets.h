/* The networks that have a name, with what they cost. */
#ifndef CLI_NETS_H
#define CLI_NETS_H

#include <stdbool.h>
#include <stdio.h>

/* The name of network number i; NULL past the last. */
const char *cli_net_name(size_t i);

/* A table of names and parameter counts for the help of train. Returns an exit
   status. */
int cli_nets_help(FILE *out);

/* Their lines too, as text or as one JSON object each. Returns an exit
   status. */
int cli_nets_tell(bool as_json);

#endif
