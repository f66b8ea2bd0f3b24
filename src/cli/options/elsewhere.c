#include "cli/options/elsewhere.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* People come from Keras, from PyTorch's example and from older MNIST
   programs. Dashes only: an underscore counts as one. */
static const struct foreign {
    const char *command, *name, *answer;
} foreign[] = {
    {NULL, "data", "it is mnist info here, also with --check"},
    {NULL, "download", "get-mnist (scripts/get-mnist.sh) fetches MNIST"},
    {NULL, "fit", "it is mnist train here"},
    {NULL, "--generate", "it is mnist generate man, bash, zsh or fish here"},
    {NULL, "load-data", "get-mnist (scripts/get-mnist.sh) fetches MNIST"},
    {NULL, "score", "it is mnist eval here"},
    {NULL, "summary", "mnist info tells the layers of a weights file"},
    {NULL, "test", "it is mnist eval here"},
    {NULL, "version", "it is mnist --version here"},

    {"train", "arch", "it is --net here"},
    {"train", "clipvalue", "--clip-norm clips a kernel or bias as a whole"},
    {"train", "cuda", "it runs on the processor; --threads says how many"},
    {"train", "device", "it runs on the processor; --threads says how many"},
    {"train", "dropout", "it is a layer of --net here, as dropout:0.01"},
    {"train", "early-stop", "it is --patience here"},
    {"train", "early-stopping", "it is --patience here"},
    {"train", "global-clipnorm",
     "--clip-norm clips each kernel and bias alone"},
    {"train", "gpu", "it runs on the processor; --threads says how many"},
    {"train", "l1", "it is a field of a layer of --net, as dense:128:l1=1e-4"},
    {"train", "l2", "it is a field of a layer of --net, as dense:128:l2=1e-4"},
    {"train", "layers", "it is --net here"},
    {"train", "log-csv", "it is --history FILE.csv here"},
    {"train", "model", "it is --net here; --out names the weights file"},
    {"train", "progress", "it is --verbose 0, 1 or 2 here"},
    {"train", "save-model", "it is --out here; weights are always written"},

    {"eval", "model", "it is --weights here"},

    {"predict", "all", "without --index, all images are told"},
    {"predict", "model", "it is --weights here"},
    {"predict", "probs", "--json or --top 10 tells all probabilities"},
};

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_name(const char *typed, const char *name)
{
    for (; *typed && *name; typed++, name++)
        if (*typed != *name && !(*typed == '_' && *name == '-'))
            return false;
    return *typed == *name;
}

const char *cli_elsewhere(const char *command, const char *name)
{
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (same(command, foreign[i].command) &&
            same_name(name, foreign[i].name))
            return foreign[i].answer;
    return NULL;
}
