#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t caught;

static const int watched[] = {SIGINT, SIGTERM};

static void note(int number)
{
    if (caught) {
        signal(number, SIG_DFL);
        raise(number);
    }
    caught = number;
}

void cli_signals_watch(void)
{
    struct sigaction action = {.sa_handler = note}, old;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    caught = 0;
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        if (sigaction(watched[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
}

int cli_signals_caught(void)
{
    return caught;
}

const char *cli_signals_name(int number)
{
    return number == SIGINT ? "SIGINT" : "SIGTERM";
}

void cli_signals_release(void)
{
    struct sigaction old;
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        if (sigaction(watched[i], NULL, &old) == 0 && old.sa_handler == note)
            signal(watched[i], SIG_DFL);
}

void cli_signals_die(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}
