#include "cli/manual/first_steps.h"

#include "cli/files/paths.h"
#include "cli/text/text.h"

#include <stdbool.h>
#include <unistd.h>

static bool is_there(const char *path)
{
    return access(path, R_OK) == 0;
}

/* There is a network: to see what it can do. */
static void use(FILE *out, bool has_test)
{
    fputs("To go on:\n", out);
    if (has_test)
        fputs("  mnist eval --confusion --mistakes 6\n", out);
    else
        fputs("  mnist info " CLI_WEIGHTS_NAME "\n", out);
    fputs("mnist predict FILE tells the digit in an image, mnist --help the "
          "rest.\n",
          out);
}

static void train(FILE *out, const char *folder, bool has_test)
{
    char quoted[CLI_QUOTE_MAX];
    fprintf(out,
            "To begin:\n"
            "  mnist train%s\n"
            "mnist --help tells the rest; the images are those in %s.\n",
            has_test ? " && mnist eval --confusion" : "",
            cli_quote(quoted, folder));
}

/* Nothing is there, and the network may not be either. */
static void draw(FILE *out)
{
    static const char script[] = "scripts/get-mnist.sh";
    fprintf(out,
            "To begin:\n"
            "  mnist synth digits && mnist train --data digits && mnist eval "
            "--data digits\n"
            "mnist --help tells the rest; %s fetches the real MNIST.\n",
            is_there(script) ? script : "get-mnist");
}

void cli_first_steps(FILE *out)
{
    const char *folder = cli_data_folder(NULL);
    bool has_test = mnist_dataset_has_part(folder, MNIST_TEST);
    fputs("mnist trains and runs classifiers of handwritten digits. ", out);
    if (is_there(CLI_WEIGHTS_NAME))
        use(out, has_test);
    else if (mnist_dataset_has_part(folder, MNIST_TRAIN))
        train(out, folder, has_test);
    else
        draw(out);
}
