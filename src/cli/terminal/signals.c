#include "cli/terminal/signals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t watching, caught;
static const char *volatile last_words;

static const int signals[] = {SIGINT, SIGTERM};

/* Only with functions that a signal's handler may call. */
static void note(int number)
{
    if (watching && !caught) {
        caught = number;
        return;
    }
    const char *words = last_words;
    if (words)
        (void)!write(STDERR_FILENO, words, strlen(words));
    signal(number, SIG_DFL);
    raise(number);
}

static void take_over(void)
{
    struct sigaction action = {.sa_handler = note}, old;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

void cli_signals_watch(void)
{
    caught = 0;
    watching = 1;
    take_over();
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
    watching = 0;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == note)
            signal(signals[i], SIG_DFL);
}

void cli_signals_last_words(const char *text)
{
    last_words = text;
    if (text && !watching)
        take_over();
}

void cli_signals_die(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}
