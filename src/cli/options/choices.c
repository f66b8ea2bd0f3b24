#include "cli/options/choices.h"

#include <string.h>

const char *const cli_schedules[] = {[MNIST_CONSTANT] = "constant",
                                     [MNIST_STEP] = "step",
                                     [MNIST_COSINE] = "cosine",
                                     [MNIST_PLATEAU] = "plateau",
                                     NULL};

const char *const cli_monitors[] = {
    [MNIST_MONITOR_AUTO] = "auto",
    [MNIST_MONITOR_LOSS] = "loss",
    [MNIST_MONITOR_ACCURACY] = "acc",
    [MNIST_MONITOR_VALIDATION_LOSS] = "val_loss",
    [MNIST_MONITOR_VALIDATION_ACCURACY] = "val_acc",
    "accuracy",
    "val_accuracy",
    NULL};

static int number_of(const char *const *names, const char *name)
{
    int i = 0;
    while (names[i] && strcmp(names[i], name) != 0)
        i++;
    return i;
}

mnist_schedule cli_schedule_of(const char *name)
{
    return (mnist_schedule)number_of(cli_schedules, name);
}

mnist_monitor cli_monitor_of(const char *name)
{
    if (strcmp(name, "accuracy") == 0)
        return MNIST_MONITOR_ACCURACY;
    if (strcmp(name, "val_accuracy") == 0)
        return MNIST_MONITOR_VALIDATION_ACCURACY;
    return (mnist_monitor)number_of(cli_monitors, name);
}

const char *cli_monitor_name(mnist_monitor monitor, int validates)
{
    if (monitor == MNIST_MONITOR_AUTO)
        monitor =
            validates ? MNIST_MONITOR_VALIDATION_LOSS : MNIST_MONITOR_LOSS;
    return cli_monitors[monitor];
}
