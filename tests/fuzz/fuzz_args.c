/*
 * Command lines: the input is split at its NULs, and the program run with these
 * words in a folder of its own, which holds a bit of everything. It ends with a
 * documented exit status; a failure is told on stderr and nothing there could
 * steer a terminal; wrong usage changes no file, and makes none.
 *
 * No word may lead out of the folder: '/' becomes '_', so ".." is as far as it
 * gets, and that is a folder of this process too.
 */
#include "fuzz/fuzz.h"
#define FUZZ_PROGRAM_ITSELF
#include "fuzz/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORDS = 24, LENGTH = 2048, FILES = 16 };

/* ---- The folder ---- */

/* What it holds: `data` is a folder, with the four files of a data folder. */
static const char *const folders[] = {".", "data", ".."};
enum { FOLDERS = sizeof folders / sizeof *folders };
static size_t entries[FOLDERS]; /* in each of them */

static struct fixture {
    char path[64];
    uint8_t *bytes;
    size_t length;
} fixtures[FILES];
static size_t fixture_count;

/* No file that is made later can have it. */
static const struct timespec then[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

static void keep(const char *path)
{
    struct fixture *f = &fixtures[fixture_count++];
    const uint8_t *bytes = fuzz_read(path, &f->length);
    snprintf(f->path, sizeof f->path, "%s", path);
    f->bytes = malloc(f->length);
    fuzz_require(f->bytes);
    memcpy(f->bytes, bytes, f->length);
}

static void make_images(const char *images, const char *labels)
{
    enum { COUNT = 6, SIDE = 4 };
    uint8_t pixels[COUNT * SIDE * SIDE], classes[COUNT];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37 % 256);
    for (size_t i = 0; i < COUNT; i++)
        classes[i] = (uint8_t)(i % 2);
    fuzz_require(!mnist_idx_write(images, 3, (size_t[]){COUNT, SIDE, SIDE},
                                  pixels, NULL));
    fuzz_require(!mnist_idx_write(labels, 1, (size_t[]){COUNT}, classes, NULL));
    keep(images);
    keep(labels);
}

/* What two runs told. */
static void make_runs(void)
{
    FILE *file = fopen("runs", "w");
    fuzz_require(file);
    for (int i = 1; i <= 2; i++)
        fprintf(file,
                "{\"version\":1,\"command\":\"train\",\"event\":\"done\","
                "\"seed\":%d,\"test\":{\"accuracy\":0.%d}}\n",
                i, i);
    fuzz_require(fclose(file) == 0);
    keep("runs");
}

/* Weights, and a checkpoint of a training that has just begun. */
static void make_weights(void)
{
    mnist_dataset data;
    mnist_network *net;
    mnist_trainer *trainer;
    mnist_train_options options = mnist_train_defaults();
    options.threads = 1;
    options.epochs = 1;
    fuzz_require(!mnist_dataset_load_part(&data, "data", MNIST_TRAIN, NULL));
    fuzz_require(!mnist_network_new(&net, "dense:3:relu,dense:2:softmax", 4, 4,
                                    255, NULL));
    mnist_network_init(net, 1);
    fuzz_require(!mnist_weights_save(net, "mnist.safetensors", NULL, 0, NULL));
    fuzz_require(!mnist_trainer_new(&trainer, net, &data, &options, NULL));
    fuzz_require(!mnist_trainer_run(trainer, NULL));
    fuzz_require(!mnist_checkpoint_save(trainer, "mnist.checkpoint.safetensors",
                                        NULL, 0, NULL));
    /* Finite, but not what it makes of an image. */
    for (size_t i = 0; i < 4; i++) {
        const mnist_tensor *tensor = mnist_network_tensor(net, i);
        for (size_t j = 0; j < tensor->count; j++)
            tensor->data[j] = 3e38f;
    }
    fuzz_require(!mnist_weights_save(net, "huge", NULL, 0, NULL));
    mnist_trainer_free(trainer);
    mnist_network_free(net);
    mnist_dataset_free(&data);
    keep("mnist.safetensors");
    keep("mnist.checkpoint.safetensors");
    keep("huge");
}

/* What PyTorch would have made: a header and zeros. */
static void make_foreign(void)
{
    static const char header[] =
        "{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,16],"
        "\"data_offsets\":[0,128]}}    ";
    uint8_t bytes[8 + sizeof header - 1 + 128] = {sizeof header - 1};
    memcpy(bytes + 8, header, sizeof header - 1);
    FILE *file = fopen("torch", "wb");
    fuzz_require(file && fwrite(bytes, sizeof bytes, 1, file) == 1);
    fuzz_require(fclose(file) == 0);
    keep("torch");
}

/* Whether a file is as it was put there. */
static int is_untouched(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && info.st_mtim.tv_sec == then[0].tv_sec &&
           info.st_mtim.tv_nsec == then[0].tv_nsec;
}

static size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    fuzz_require(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* Not by the time of a folder, which a file that was made and removed changes:
   so the program finds out whether it can write there. */
static int all_untouched(void)
{
    for (size_t i = 0; i < fixture_count; i++)
        if (!is_untouched(fixtures[i].path))
            return 0;
    for (size_t i = 0; i < FOLDERS; i++)
        if (count_entries(folders[i]) != entries[i])
            return 0;
    return 1;
}

static void empty(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *item;
    fuzz_require(folder);
    while ((item = readdir(folder))) {
        char inside[FUZZ_PATH];
        snprintf(inside, sizeof inside, "%s/%s", path, item->d_name);
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        if (unlink(inside) != 0 && strcmp(inside, "./data") != 0 &&
            strcmp(inside, "../work") != 0) {
            empty(inside);
            rmdir(inside);
        }
    }
    closedir(folder);
}

static void restore(void)
{
    for (size_t i = 0; i < FOLDERS; i++)
        empty(folders[i]);
    for (size_t i = 0; i < fixture_count; i++) {
        const struct fixture *f = &fixtures[i];
        int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        fuzz_require(fd >= 0);
        fuzz_require(write(fd, f->bytes, f->length) == (ssize_t)f->length);
        fuzz_require(futimens(fd, then) == 0);
        close(fd);
    }
    for (size_t i = 0; i < FOLDERS; i++)
        entries[i] = count_entries(folders[i]);
}

static char *messages;
static size_t messages_length;
static int home, work; /* where the process was, and where the program runs */

static void set_up(void)
{
    char path[FUZZ_PATH];
    if (program_stderr)
        return;
    home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fuzz_path(path, "args");
    fuzz_require(mkdir(path, 0700) == 0 && chdir(path) == 0);
    fuzz_require(mkdir("work", 0700) == 0 && chdir("work") == 0);
    work = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fuzz_require(home >= 0 && work >= 0 && mkdir("data", 0700) == 0);
    make_images("data/train-images-idx3-ubyte", "data/train-labels-idx1-ubyte");
    make_images("data/t10k-images-idx3-ubyte", "data/t10k-labels-idx1-ubyte");
    make_images("images", "labels");
    make_runs();
    make_weights();
    make_foreign();
    restore();
    fuzz_require(setenv("MNIST_DATA", "data", 1) == 0);
    fuzz_require(freopen("/dev/null", "r", stdin) != NULL);
    program_stderr = open_memstream(&messages, &messages_length);
    fuzz_require(program_stderr);
}

/* ---- A run ---- */

/* argv for the words of the input; returns argc. */
static int split(char *argv[WORDS + 2], char text[LENGTH + 1],
                 const uint8_t *bytes, size_t length)
{
    int argc = 0;
    argv[argc++] = (char[]){"mnist"};
    memcpy(text, bytes, length);
    text[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if (text[i] == '/')
            text[i] = '_';
    for (size_t at = 0; at < length && argc <= WORDS;
         at += strlen(text + at) + 1)
        argv[argc++] = text + at;
    argv[argc] = NULL;
    return argc;
}

/* The program sets what signals do; a fuzzer has its own use for them. */
static int run(int argc, char **argv)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    struct sigaction before[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        fuzz_require(sigaction(numbers[i], NULL, &before[i]) == 0);
    rewind(program_stderr);
    int status = program_main(argc, argv);
    fuzz_require(fflush(program_stderr) == 0);
    for (size_t i = 0; i < COUNT; i++)
        fuzz_require(sigaction(numbers[i], &before[i], NULL) == 0);
    return status;
}

static void check(int status)
{
    static const char start[] = "mnist: ";
    const int untouched = all_untouched();
    fuzz_require(status >= 0 && status <= 7);
    fuzz_require(status != 2 || untouched);
    fuzz_require(fuzz_is_printable(messages, messages_length, 1));
    /* Without a command there are first steps, and no complaint. */
    if (status >= 2 && strncmp(messages, "mnist trains", 12) != 0) {
        fuzz_require(messages_length > sizeof start);
        fuzz_require(
            memmem(messages, messages_length, start, sizeof start - 1) != NULL);
        fuzz_require(messages[messages_length - 1] == '\n');
    }
    if (!untouched)
        restore();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static char text[LENGTH + 1];
    char *argv[WORDS + 2];
    if (length > LENGTH)
        return -1;
    set_up();
    fuzz_require(fchdir(work) == 0);
    /* What the program prints, in a process whose own output is wanted. */
    fflush(stdout);
    int kept = dup(STDOUT_FILENO), nothing = open("/dev/null", O_WRONLY);
    fuzz_require(kept >= 0 && nothing >= 0);
    fuzz_require(dup2(nothing, STDOUT_FILENO) == STDOUT_FILENO);
    int status = run(split(argv, text, bytes, length), argv);
    fflush(stdout);
    fuzz_require(dup2(kept, STDOUT_FILENO) == STDOUT_FILENO);
    close(kept);
    close(nothing);
    check(status);
    fuzz_require(fchdir(home) == 0);
    return 0;
}
