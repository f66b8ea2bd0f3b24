/*
 * Ctrl-C and kill while training or with a file half made: the first asks for
 * an end, which comes after the batch, with the weights saved; the second ends
 * the program at once.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

/* From now on SIGINT and SIGTERM are only noted. A signal that was ignored when
   the program began stays ignored, as nohup and background jobs want it. */
void cli_signals_watch(void);

/* The signal that came since, or 0. */
int cli_signals_caught(void);

/* "SIGINT", or "SIGTERM". */
const char *cli_signals_name(int number);

/* SIGINT and SIGTERM end the program again. */
void cli_signals_release(void);

/* What a terminal is sent first when one of them ends the program, so that
   nothing half drawn is left on it; NULL for nothing. It must stay. */
void cli_signals_last_words(const char *text);

/* Ends the program by that signal, so that a shell sees how it ended. */
void cli_signals_die(int number);

#endif
