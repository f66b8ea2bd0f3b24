/* The command line: help, versions, mistakes and what they are answered. */
#include "support/program.h"
#include "support/temporary.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <mnist.h>

#include <stdio.h>
#include <string.h>

static const char *const commands[] = {
    "train",  "eval",   "predict",  "show",    "info", "synth",
    "export", "import", "generate", "compare", "idx"};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void assert_lines_fit(const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        if (length > 80)
            fail_msg("longer than 80: %.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* What is told depends on what is there. */
static void assert_first_steps(temporary *t, const char *step)
{
    program p = {.folder = temporary_folder(t)};
    char line[128];
    snprintf(line, sizeof line, "\n  %s\n", step);
    RUN(&p, NULL);
    assert_int_equal(p.status, 2);
    assert_string_equal(p.out, "");
    assert_int_equal(count_lines(p.err), 3);
    assert_lines_fit(p.err);
    if (!strstr(p.err, line))
        fail_msg("no line %s in %s", step, p.err);
    assert_non_null(strstr(p.err, "mnist --help"));
    program_forget(&p);
}

static void test_no_arguments(void **state)
{
    temporary *t = *state;
    temporary_mkdir(t, "data");
    assert_first_steps(t, "mnist synth digits && mnist train --data digits && "
                          "mnist eval --data digits");
    temporary_mkdir(t, "data/mnist");
    temporary_write(t, "data/mnist/train-images.idx3-ubyte.gz", "x", 1);
    assert_first_steps(t, "mnist train");
    temporary_write(t, "data/mnist/t10k-images-idx3-ubyte", "x", 1);
    assert_first_steps(t, "mnist train && mnist eval --confusion");
    temporary_write(t, "mnist.safetensors", "x", 1);
    assert_first_steps(t, "mnist eval --confusion --mistakes 6");
    remove(temporary_path(t, "data/mnist/t10k-images-idx3-ubyte"));
    assert_first_steps(t, "mnist info mnist.safetensors");
}

static void test_help(void **state)
{
    program p = {0}, same = {0};
    static const char *const spellings[] = {"-h", "help"};
    (void)state;
    RUN(&p, "--help");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.err, "");
    for (size_t i = 0; i < COMMANDS; i++)
        assert_non_null(strstr(p.out, commands[i]));
    for (size_t i = 0; i < 2; i++) {
        RUN(&same, spellings[i]);
        assert_int_equal(same.status, 0);
        assert_string_equal(same.out, p.out);
        program_forget(&same);
    }
    program_forget(&p);
}

static void test_help_of_each_command(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMANDS; i++) {
        program p = {0}, other = {0}, amid = {0};
        char usage[64];
        snprintf(usage, sizeof usage, "usage: mnist %s ", commands[i]);
        RUN(&p, commands[i], "--help");
        assert_int_equal(p.status, 0);
        assert_string_equal(p.err, "");
        assert_non_null(strstr(p.out, usage));
        assert_non_null(strstr(p.out, "--no-color"));
        assert_lines_fit(p.out);
        RUN(&other, "help", commands[i]);
        assert_string_equal(other.out, p.out);
        /* Wherever it stands, and showing the defaults all the same. */
        RUN(&amid, commands[i], "--color", "never", "x", "y", "z", "-h");
        assert_int_equal(amid.status, 0);
        assert_string_equal(amid.out, p.out);
        program_forget(&p);
        program_forget(&other);
        program_forget(&amid);
    }
}

/* The help shows what the library takes when nothing is asked for. */
static void test_help_shows_defaults(void **state)
{
    program p = {0};
    (void)state;
    RUN(&p, "train", "--help");
    assert_non_null(strstr(p.out, "[5]"));
    assert_non_null(strstr(p.out, "[128]"));
    assert_non_null(strstr(p.out, "[0.001]"));
    assert_non_null(strstr(p.out, "[1e-07]"));
    assert_non_null(strstr(p.out, "[mnist.safetensors]"));
    assert_non_null(strstr(p.out, "--batch-size"));
    assert_non_null(strstr(p.out, "--learning-rate"));
    program_forget(&p);
}

static void test_version(void **state)
{
    program p = {0};
    char kernels[64];
    const char *name;
    (void)state;
    RUN(&p, "--version");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, mnist_version()));
    snprintf(kernels, sizeof kernels, "kernels %s ", mnist_cpu_kernels());
    assert_non_null(strstr(p.out, kernels));
    for (size_t i = 0; (name = mnist_cpu_list(i, NULL)); i++)
        assert_non_null(strstr(p.out, name));
    program_forget(&p);
}

/* What is typed, and what must be in the answer. */
typedef struct mistake {
    const char *arguments[5];
    const char *answer;
} mistake;

static void assert_mistakes(const mistake *mistakes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        program p = {0};
        program_run(&p, mistakes[i].arguments);
        REFUSED(&p, 2, mistakes[i].answer);
        program_forget(&p);
    }
}

#define ASSERT_MISTAKES(array)                                                 \
    assert_mistakes(array, sizeof array / sizeof array[0])

static void test_mistyped_names(void **state)
{
    static const mistake mistakes[] = {
        {{"trian"}, "unknown command trian; did you mean mnist train?"},
        {{"evaluate"}, "unknown command evaluate; did you mean mnist eval?"},
        {{"zzzzzz"}, "unknown command zzzzzz; mnist --help lists the commands"},
        {{"help", "pedict"}, "did you mean mnist predict?"},
        {{"--versoin"}, "did you mean mnist --version?"},
        {{"train", "--epoch", "5"}, "--epoch; did you mean --epochs?"},
        {{"train", "--epoch=5"}, "--epoch; did you mean --epochs?"},
        {{"train", "--epohcs", "5"}, "did you mean --epochs?"},
        {{"train", "--batch_size", "5"}, "did you mean --batch-size?"},
        {{"train", "--learn", "5"}, "did you mean --learning-rate?"},
        {{"train", "--lern-rate", "5"}, "did you mean --learning-rate?"},
        {{"train", "--zzzzzz"}, "--zzzzzz; mnist train --help lists them"},
        {{"train", "-Z"}, "unknown option -Z"},
        {{"eval", "--min-acuracy", "1"}, "did you mean --min-accuracy?"},
        /* What another command has, or what is not there yet. */
        {{"eval", "--epochs", "1"}, "unknown option --epochs"},
        {{"train", "--optimizer", "1"}, "--optimizer 1: expected rmsprop"},
        {{"train", "--restart", "x"}, "unknown option --restart"},
        {{"train", "--loss", "categorical_crossentrop"},
         "did you mean categorical_crossentropy?"},
        {{"compare", "--metric", "val_los"}, "did you mean val_loss?"},
        {{"train", "--loss", "mse"}, "sparse_categorical_crossentropy"},
        {{"train", "--\x1b[2J"}, "\\x1b[2J"},
        /* U+009B means the same to a terminal, and so does the byte alone. */
        {{"train", "--\xc2\x9b[2J"}, "\\xc2\\x9b[2J"},
        {{"train", "--\x9b[2J"}, "\\x9b[2J"},
        {{"train", "--\xc3\xa9poch"}, "--\xc3\xa9poch"},
    };
    (void)state;
    ASSERT_MISTAKES(mistakes);
}

/* The names of Keras, of PyTorch's example and of other MNIST programs. */
static void test_names_from_elsewhere(void **state)
{
    static const mistake mistakes[] = {
        {{"fit"}, "unknown command fit; it is mnist train here"},
        {{"load_data"}, "unknown command load_data; get-mnist"},
        {{"help", "test"}, "it is mnist eval here"},
        {{"train", "--arch", "lenet"}, "--arch; it is --net here"},
        {{"train", "--early_stopping=3"}, "it is --patience here"},
        {{"train", "--l1", "1e-4"}, "dense:128:l1=1e-4"},
        {{"train", "--optimizer=adam"}, "--optimizer adam: expected rmsprop"},
        {{"train", "--device=cuda"}, "--device; it runs on the processor"},
        {{"--generate", "man"}, "it is mnist generate man"},
        {{"predict", "a", "--probs"}, "--top 10"},
        /* Of another command, and a beginning, which is no name. */
        {{"eval", "--log-csv", "x"}, "--log-csv; mnist eval --help"},
        {{"train", "--early"}, "--early; mnist train --help"},
    };
    (void)state;
    ASSERT_MISTAKES(mistakes);
}

static void test_misused_options(void **state)
{
    static const mistake mistakes[] = {
        {{"train", "--epochs"}, "--epochs needs a value: --epochs N"},
        {{"train", "-e"}, "--epochs needs a value"},
        {{"train", "--out", "--json"}, "--out needs a value before --json"},
        {{"train", "--json=yes"}, "--json takes no value"},
        {{"train", "--data="}, "--data: the value is empty"},
        {{"train", "--out", ""}, "--out: the value is empty"},
        {{"train", "images"}, "unexpected argument images; see mnist train"},
        {{"predict"}, "mnist predict needs FILE"},
        {{"predict", "a", "b", "--labels", "c"}, "--labels are those of one"},
        {{"predict", "-", "a", "-"}, "only once, and - is named 2 times"},
        {{"predict", "a", "--invert", "--no-invert"}, "contradict each other"},
        {{"predict", "a", "--preprocess", "--no-preprocess"}, "contradict"},
        {{"show", "a", "--invert", "--no-invert"}, "contradict each other"},
        {{"idx"}, "mnist idx needs pack|unpack FOLDER"},
        {{"idx", "pakc", "a"}, "mnist idx pakc: did you mean mnist idx pack?"},
        {{"idx", "xyzzy"}, "mnist idx xyzzy: expected pack or unpack"},
        {{"idx", "pack"}, "mnist idx pack needs FOLDER"},
        {{"idx", "unpack", "a"}, "mnist idx unpack needs --images FILE"},
        {{"idx", "pack", "a", "--images", "-"}, "--images -: this goes to"},
        {{"idx", "pack", "a", "--images=b", "-n1"}, "--index is for unpack"},
        {{"idx", "pack", "a", "--images=b", "--labels=b"}, "the same file"},
        {{"idx", "pack", "a", "b"}, "unexpected argument b"},
        {{"show"}, "mnist show needs FILE"},
        {{"synth"}, "mnist synth needs DIR"},
        {{"synth", ""}, "mnist synth: argument 1 is empty, expected DIR"},
        {{"info", "a", ""}, "mnist info: argument 2 is empty"},
        {{"compare", "a"}, "mnist compare needs A B"},
        {{"info"}, "--nets"},
        {{"export"}, "--onnx FILE"},
        {{"export", "a", "--weights", "b"}, "named twice"},
        {{"export", "--npz", "-", "--onnx=-"}, "one file goes to standard"},
        {{"export", "--npz", "x", "--c-name", "y"}, "--c-header FILE"},
        {{"export", "x", "--npz", "x"}, "x would hold weights and npz"},
        {{"export", "--npz", "x", "--onnx=x"}, "x would hold onnx and npz"},
        {{"import"}, "mnist import needs FILE"},
        {{"import", "x", "--out", "x"}, "this is the file to be imported"},
        {{"import", "x", "--input", "28"}, "expected rows x columns, as 28x28"},
        {{"import", "x", "--input", "0x28"}, "--input 0x28"},
        {{"import", "x", "--input", "28x28x1"}, "--input 28x28x1"},
        {{"import", "x", "--layout", "torch"}, "did you mean pytorch?"},
        {{"import", "x", "--out", "-"}, "standard output"},
        {{"generate"}, "mnist generate needs man|bash|zsh|fish"},
        {{"generate", "tc\x1bsh"}, "generate tc\\x1bsh: expected man, bash"},
        {{"eval", "a", "--weights", "b"}, "named twice"},
        {{"eval", "--images", "a"}, "--labels is missing"},
        {{"eval", "--labels", "a"}, "--images is missing"},
        {{"train", "--out", "-"}, "standard output"},
        {{"train", "--kernel", "avx1024"}, "portable"},
        {{"show", "x", "--color", "no"}, "auto, always or never"},
    };
    (void)state;
    ASSERT_MISTAKES(mistakes);
}

/* Words after "--" are names of files, and so is a lone "-". */
static void test_end_of_options(void **state)
{
    program p = {0};
    (void)state;
    RUN(&p, "show", "--", "--index");
    REFUSED(&p, 5, "--index");
    program_forget(&p);
    p.input = "";
    RUN(&p, "show", "-");
    REFUSED(&p, 3, "standard input");
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_arguments, temporary_setup,
                                        temporary_teardown),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_help_of_each_command),
        cmocka_unit_test(test_help_shows_defaults),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_mistyped_names),
        cmocka_unit_test(test_names_from_elsewhere),
        cmocka_unit_test(test_misused_options),
        cmocka_unit_test(test_end_of_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
