/* For the pseudo-terminal and wait4. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "support/program.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { MOST_ARGUMENTS = 40, PIPE_ROOM = 65536 };

/* The run that is going on; tests have one at a time. */
static int stream[3];   /* what the program gets as 0, 1 and 2 */
static FILE *kept[3];   /* what it writes to 1 and 2 */
static int master = -1; /* our end of its terminal */

static int open_input(const program *p)
{
    int ends[2];
    if (!p->input)
        return open("/dev/null", O_RDONLY);
    assert_true(p->input_length <= PIPE_ROOM);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], p->input, p->input_length),
                     p->input_length);
    close(ends[1]);
    return ends[0];
}

static int open_output(const program *p)
{
    int ends[2];
    if (p->output)
        return open(p->output, O_WRONLY);
    if (!p->broken_pipe)
        return dup(fileno(kept[1]));
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    return ends[1];
}

static void set_size(unsigned columns, unsigned lines)
{
    struct winsize size = {.ws_row = (unsigned short)lines,
                           .ws_col = (unsigned short)columns};
    assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
}

static void open_terminal(const program *p)
{
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master > 2);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    for (int i = 0; i < 3; i++)
        stream[i] = open(ptsname(master), O_RDWR | O_NOCTTY);
    set_size(p->terminal, p->lines ? p->lines : 24);
}

/* A shell starts what runs in its background with SIGINT ignored, and programs
   hand that on to those that they start. */
__attribute__((constructor)) static void take_signals(void)
{
    signal(SIGINT, SIG_DFL);
}

static void open_streams(const program *p)
{
    for (int i = 1; i < 3; i++)
        assert_non_null(kept[i] = tmpfile());
    if (p->terminal) {
        open_terminal(p);
    } else {
        stream[0] = open_input(p);
        stream[1] = open_output(p);
        stream[2] = dup(fileno(kept[2]));
    }
    for (int i = 0; i < 3; i++)
        assert_true(stream[i] > 2);
}

static void set_environment(const program *p)
{
    static const char *const cleared[] = {"NO_COLOR", "COLUMNS", "COLORTERM",
                                          "MNIST_DATA"};
    for (size_t i = 0; i < sizeof cleared / sizeof cleared[0]; i++)
        unsetenv(cleared[i]);
    setenv("LC_ALL", "C", 1);
    setenv("TERM", "xterm", 1);
    for (size_t i = 0; p->environment[i]; i += 2)
        setenv(p->environment[i], p->environment[i + 1], 1);
}

/* What lets root read any file is lost with the next exec. The numbers are
   CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of linux/capability.h, which is not
   there for every libc. */
static void drop_privileges(void)
{
#ifdef __linux__
    prctl(PR_CAPBSET_DROP, 1, 0, 0, 0);
    prctl(PR_CAPBSET_DROP, 2, 0, 0, 0);
#endif
}

/* In the child: nothing here may return. */
static void become_program(const program *p, char **argv)
{
    for (int i = 0; i < 3; i++)
        if (p->closed >> i & 1 ? close(i) != 0 : dup2(stream[i], i) != i)
            _exit(120);
    for (int i = 0; i < 3; i++)
        close(stream[i]);
    for (int i = 1; i < 3; i++)
        close(fileno(kept[i]));
    if (p->folder && chdir(p->folder) != 0)
        _exit(121);
    set_environment(p);
    if (p->unprivileged)
        drop_privileges();
    alarm(p->deadline);
    execv(argv[0], argv);
    _exit(122);
}

int program_start(const program *p, const char *const *arguments)
{
    const char *binary = p->binary ? p->binary : MNIST_PROGRAM;
    char *argv[MOST_ARGUMENTS + 2] = {(char *)(uintptr_t)binary};
    for (size_t i = 0; arguments[i]; i++) {
        assert_true(i < MOST_ARGUMENTS);
        argv[i + 1] = (char *)(uintptr_t)arguments[i];
    }
    open_streams(p);
    fflush(NULL);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0)
        become_program(p, argv);
    for (int i = 0; i < 3; i++)
        close(stream[i]);
    return (int)process;
}

/* All that is in the file by now. Its position is left alone, for that is where
   a program which is still running writes next. */
static char *take_text(FILE *file)
{
    struct stat info;
    assert_int_equal(fflush(file), 0);
    assert_int_equal(fstat(fileno(file), &info), 0);
    size_t length = (size_t)info.st_size;
    char *text = malloc(length + 1);
    assert_non_null(text);
    assert_int_equal(pread(fileno(file), text, length, 0), length);
    text[length] = '\0';
    return text;
}

/* Keeps what a terminal has got, waiting for some; false once the program and
   with it the other end is gone, which Linux tells by an error. Without it the
   program would stand still when the terminal is full. */
static bool read_terminal(void)
{
    char bytes[4096];
    ssize_t got = read(master, bytes, sizeof bytes);
    if (got <= 0)
        return false;
    assert_int_equal(fwrite(bytes, 1, (size_t)got, kept[1]), got);
    return true;
}

size_t program_await_terminal(const char *text, size_t from)
{
    bool more = true;
    for (;;) {
        char *out = take_text(kept[1]);
        size_t length = strlen(out);
        bool found = length >= from && strstr(out + from, text);
        free(out);
        if (found || !more)
            return length;
        more = read_terminal();
    }
}

void program_await(int process, const char *text)
{
    struct timespec pause = {.tv_nsec = 2000000};
    siginfo_t ended = {.si_pid = 0};
    bool found = false;
    while (!found && ended.si_pid == 0) {
        char *err = take_text(kept[2]);
        found = strstr(err, text) != NULL;
        free(err);
        nanosleep(&pause, NULL);
        waitid(P_PID, (id_t)process, &ended, WEXITED | WNOHANG | WNOWAIT);
    }
}

/* Stopped meanwhile, it writes nothing for the old size once that is read which
   is there. */
size_t program_resize(int process, unsigned columns, unsigned lines)
{
    struct pollfd end = {.fd = master, .events = POLLIN};
    siginfo_t stopped;
    kill(process, SIGSTOP);
    waitid(P_PID, (id_t)process, &stopped, WSTOPPED | WEXITED | WNOWAIT);
    while (poll(&end, 1, 50) > 0 && read_terminal())
        ;
    set_size(columns, lines);
    kill(process, SIGCONT);
    return program_await_terminal("", 0);
}

static double seconds_of(const struct timeval *time)
{
    return (double)time->tv_sec + 1e-6 * (double)time->tv_usec;
}

void program_wait(program *p, int process)
{
    struct rusage used;
    int status;
    if (p->terminal) {
        while (read_terminal())
            ;
        close(master);
        master = -1;
    }
    assert_int_equal(wait4(process, &status, 0, &used), process);
    p->peak = used.ru_maxrss;
    p->cpu = seconds_of(&used.ru_utime) + seconds_of(&used.ru_stime);
    p->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    p->status = p->signal ? 128 + p->signal : WEXITSTATUS(status);
    p->out = take_text(kept[1]);
    p->err = take_text(kept[2]);
    fclose(kept[1]);
    fclose(kept[2]);
}

void program_run(program *p, const char *const *arguments)
{
    program_wait(p, program_start(p, arguments));
}

void program_forget(program *p)
{
    free(p->out);
    free(p->err);
    p->out = p->err = NULL;
}

size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

void assert_refused(const program *p, int status, const char *const *texts)
{
    bool right = p->status == status && p->out[0] == '\0' &&
                 count_lines(p->err) == 1 &&
                 strncmp(p->err, "mnist: ", 7) == 0 &&
                 p->err[strlen(p->err) - 1] == '\n';
    for (size_t i = 0; texts[i]; i++)
        right = right && strstr(p->err, texts[i]);
    if (!right)
        fail_msg("expected status %d and one line with \"%s\"; got %d, stdout "
                 "\"%s\", stderr \"%s\"",
                 status, texts[0] ? texts[0] : "", p->status, p->out, p->err);
}
