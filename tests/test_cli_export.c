/* mnist export and mnist import, as they are used. What is in the files is
   tested by itself. */
#include "support/foreign.h"
#include "support/networks.h"
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static program in_folder(temporary *t)
{
    return (program){.folder = temporary_folder(t)};
}

static void all_formats_at_once(void **state)
{
    temporary *t = *state;
    program p = in_folder(t);
    RUN(&p, "export", "--onnx", "a.onnx", "--npz", "a.npz", "--c-header",
        "my-net.h", "--html", "a.html");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.err, "");
    assert_string_equal(p.out, "wrote a.html\nwrote a.onnx\nwrote a.npz\n"
                               "wrote my-net.h\n");
    program_forget(&p);
    size_t length;
    char *header = temporary_read(temporary_path(t, "my-net.h"), &length);
    assert_non_null(strstr(header, "int my_net_predict("));
    free(header);
    RUN(&p, "export", "mnist.safetensors", "-q", "--npz", "b.npz");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.out, "");
    program_forget(&p);
    assert_same_bytes(t, "a.npz", "b.npz");
}

static void one_goes_to_standard_output(void **state)
{
    temporary *t = *state;
    program p = in_folder(t);
    RUN_WELL(t, "export", "--npz", "a.npz");
    p.output = temporary_path(t, "c.npz");
    temporary_write(t, "c.npz", "", 0);
    RUN(&p, "export", "--npz", "-", "--onnx", "also.onnx");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.err, "");
    program_forget(&p);
    assert_same_bytes(t, "a.npz", "c.npz");
    p.output = NULL;
    RUN(&p, "export", "--c-header", "-", "--c-name", "x");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "int x_predict("));
    assert_null(strstr(p.out, "wrote"));
    program_forget(&p);
    p.output = "/dev/full";
    RUN(&p, "export", "--npz", "-");
    assert_int_equal(p.status, 5);
    assert_non_null(strstr(p.err, "standard output: cannot write: No space"));
    program_forget(&p);
}

static void bytes_are_not_sent_to_a_terminal(void **state)
{
    program p = in_folder(*state);
    p.terminal = 80;
    RUN(&p, "export", "--onnx", "-");
    assert_int_equal(p.status, 2);
    assert_non_null(strstr(p.out, "--onnx -: these are bytes"));
    program_forget(&p);
    RUN(&p, "export", "--c-header", "-");
    assert_int_equal(p.status, 0);
    program_forget(&p);
}

static void what_cannot_be_written_is_told_before_any_work(void **state)
{
    temporary *t = *state;
    program p = in_folder(t);
    size_t files = temporary_count(t);
    RUN(&p, "export", "nowhere", "--onnx", "none/x", "--npz", "new.npz");
    REFUSED(&p, 5, "--onnx: cannot write into none", "make the folder first");
    program_forget(&p);
    RUN(&p, "export", "nowhere", "--onnx", "x");
    REFUSED(&p, 5, "nowhere", "mnist train writes one");
    program_forget(&p);
    RUN(&p, "export", "--npz", "y", "--c-header", "x", "--c-name", "2x");
    REFUSED(&p, 2, "\"2x\" cannot begin a name in C");
    program_forget(&p);
    assert_int_equal(temporary_count(t), files);
}

static void a_network_goes_out_and_comes_back(void **state)
{
    static const char *const names[] = {"1.weight", "1.bias", "3.weight",
                                        "3.bias"};
    temporary *t = *state;
    program p = in_folder(t);
    mnist_network *net =
        load_network(temporary_path(t, "mnist.safetensors"), NULL);
    foreign_pytorch(t, "torch", net, names);
    RUN(&p, "import", "torch", "--out", "back");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.err, "");
    assert_string_equal(
        p.out, "  dense.kernel      784x24        from 1.weight 24x784\n"
               "  dense.bias        24            from 1.bias 24\n"
               "  dense_1.kernel    24x10         from 3.weight 10x24\n"
               "  dense_1.bias      10            from 3.bias 10\n"
               "layout pytorch\n"
               "network dense:24:relu,dense:10:softmax\n"
               "  relu between the layers is assumed; --net names others\n"
               "input 28x28, pixels / 255\n"
               "wrote back\n");
    program_forget(&p);
    mnist_notes *notes;
    mnist_network *back = load_network(temporary_path(t, "back"), &notes);
    assert_same_parameters("import", back, net);
    assert_string_equal(mnist_notes_get(notes, 0)->key, "imported");
    assert_string_equal(mnist_notes_get(notes, 0)->value, "pytorch");
    mnist_notes_free(notes);
    mnist_network_free(back);
    mnist_network_free(net);
}

static void a_wrong_line_is_pointed_at(void **state)
{
    static const char *const names[] = {"1.weight", "1.bias", "3.weight",
                                        "3.bias"};
    temporary *t = *state;
    program p = in_folder(t);
    mnist_network *net =
        load_network(temporary_path(t, "mnist.safetensors"), NULL);
    foreign_pytorch(t, "torch", net, names);
    mnist_network_free(net);
    RUN(&p, "import", "torch", "--out", "no", "--net",
        "dense:24:rulu,dense:10:softmax");
    assert_int_equal(p.status, 2);
    assert_non_null(strstr(p.err, "\n  dense:24:rulu,dense:10:softmax\n"
                                  "           ^\n"));
    program_forget(&p);
    RUN(&p, "eval", "torch", "--data", "data");
    REFUSED(&p, 4, "of another program", "'mnist import' reads such files");
    program_forget(&p);
}

static void names_of_the_file_are_made_fit_to_show(void **state)
{
    static const char *const names[] = {
        "\\u001b[2J\\n.weight", "\\u001b[2J\\n.bias", "~.weight", "~.bias"};
    temporary *t = *state;
    program p = in_folder(t);
    mnist_network *net =
        load_network(temporary_path(t, "mnist.safetensors"), NULL);
    foreign_pytorch(t, "torch", net, names);
    mnist_network_free(net);
    RUN(&p, "import", "torch", "--out", "back");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "from \\x1b[2J\\x0a.weight 24x784\n"));
    assert_null(strchr(p.out, '\x1b'));
    program_forget(&p);
    RUN(&p, "import", "torch", "--out", "back", "--net", "dense:9:softmax");
    REFUSED(&p, 4, "found \\x1b[2J\\x0a.weight (24x784)");
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_formats_at_once),
        cmocka_unit_test(one_goes_to_standard_output),
        cmocka_unit_test(bytes_are_not_sent_to_a_terminal),
        cmocka_unit_test(what_cannot_be_written_is_told_before_any_work),
        cmocka_unit_test(a_network_goes_out_and_comes_back),
        cmocka_unit_test(a_wrong_line_is_pointed_at),
        cmocka_unit_test(names_of_the_file_are_made_fit_to_show),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
