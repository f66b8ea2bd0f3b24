#include "cli/results/nets.h"

#include "cli/options/command.h"
#include "cli/options/help.h"
#include "cli/text/json.h"
#include "cli/text/text.h"

/* What they are counted for: MNIST. */
enum { SIDE = 28, COLUMN = 22 /* of the summaries */ };

static mnist_status count(const mnist_named_network *named, size_t *parameters,
                          mnist_error *err)
{
    mnist_network *net;
    mnist_status status =
        mnist_network_new(&net, named->line, SIDE, SIDE, 255, err);
    if (status)
        return status;
    *parameters = mnist_network_parameters(net);
    mnist_network_free(net);
    return MNIST_OK;
}

const char *cli_net_name(size_t i)
{
    const mnist_named_network *named = mnist_spec_named(i);
    return named ? named->name : NULL;
}

int cli_nets_help(FILE *out)
{
    const mnist_named_network *named;
    char number[CLI_NUMBER_MAX];
    size_t parameters;
    mnist_error err;
    fprintf(out,
            "\nNetworks for --net, with their parameters for %dx%d images "
            "of 10 classes:\n",
            SIDE, SIDE);
    for (size_t i = 0; (named = mnist_spec_named(i)); i++) {
        if (count(named, &parameters, &err))
            return cli_fail(&err);
        fprintf(out, "  %-8s %9s  ", named->name,
                cli_grouped(number, parameters));
        cli_help_wrap(out, COLUMN, named->summary);
    }
    fputs("mnist info --nets prints their lines, which are the pattern for "
          "others.\n",
          out);
    return CLI_DONE;
}

static void tell(const mnist_named_network *named, size_t parameters,
                 bool as_json)
{
    char number[CLI_NUMBER_MAX];
    if (as_json) {
        cli_json json = cli_json_line("info");
        cli_json_text(&json, "kind", "network");
        cli_json_text(&json, "name", named->name);
        cli_json_text(&json, "network", named->line);
        cli_json_text(&json, "summary", named->summary);
        cli_json_count(&json, "parameters", parameters);
        cli_json_close(&json);
    } else {
        printf("%-8s %s\n%-8s %s\n%-8s %s parameters for %dx%d images\n",
               named->name, named->line, "", named->summary, "",
               cli_grouped(number, parameters), SIDE, SIDE);
    }
}

int cli_nets_tell(bool as_json)
{
    const mnist_named_network *named;
    mnist_error err;
    size_t parameters;
    for (size_t i = 0; (named = mnist_spec_named(i)); i++) {
        if (count(named, &parameters, &err))
            return cli_fail(&err);
        tell(named, parameters, as_json);
    }
    return CLI_DONE;
}
