#include "cli/results/comparison.h"

#include "cli/text/json.h"
#include "cli/text/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const mnist_metric *cli_comparison_metric(const char *name)
{
    const mnist_metric *metric = mnist_metric_get(0);
    for (size_t i = 0; metric && strcmp(metric->name, name) != 0; i++)
        metric = mnist_metric_get(i);
    return metric;
}

/* ---- Seeds ---- */

static int by_seed(const void *one, const void *two)
{
    uint64_t a = ((const mnist_run *)one)->seed;
    uint64_t b = ((const mnist_run *)two)->seed;
    return (a > b) - (a < b);
}

/* A copy in the order of the seeds; NULL if there is no memory. */
static mnist_run *sorted(const mnist_runs *runs)
{
    mnist_run *copy = calloc(runs->count, sizeof *copy);
    if (copy) {
        memcpy(copy, runs->run, runs->count * sizeof *copy);
        qsort(copy, runs->count, sizeof *copy, by_seed);
    }
    return copy;
}

/* Whether every run has a seed; notes one that is there twice. */
static bool look_at_seeds(cli_comparison *c, size_t side, const mnist_run *run,
                          size_t count)
{
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        all &= run[i].has_seed != 0;
        if (i > 0 && run[i].has_seed && run[i - 1].has_seed &&
            run[i].seed == run[i - 1].seed) {
            c->repeats[side] = true;
            c->repeated[side] = run[i].seed;
        }
    }
    return all;
}

/* Pairs the runs, which are in the order of their seeds; false if there is no
   memory. */
static bool pair(cli_comparison *c, const mnist_run *a, const mnist_run *b)
{
    size_t count = c->sample[0].count;
    bool seeds = look_at_seeds(c, 0, a, count);
    seeds &= look_at_seeds(c, 1, b, c->sample[1].count);
    c->pairs = seeds && !c->repeats[0] && !c->repeats[1] &&
               c->sample[1].count == count && count > 1;
    for (size_t i = 0; c->pairs && i < count; i++)
        c->pairs = a[i].seed == b[i].seed;
    if (!c->pairs)
        return true;
    double *difference = calloc(count, sizeof *difference);
    if (!difference)
        return false;
    for (size_t i = 0; i < count; i++)
        difference[i] = b[i].value - a[i].value;
    mnist_sample sample = mnist_sample_of(difference, count);
    c->paired = mnist_paired_test(&sample, 1 - c->alpha);
    free(difference);
    return true;
}

/* ---- What follows ---- */

static bool take_sample(mnist_sample *out, const mnist_runs *runs)
{
    double *value = calloc(runs->count, sizeof *value);
    if (!value)
        return false;
    for (size_t i = 0; i < runs->count; i++)
        value[i] = runs->run[i].value;
    *out = mnist_sample_of(value, runs->count);
    free(value);
    return true;
}

static const mnist_difference *decisive(const cli_comparison *c)
{
    return c->pairs ? &c->paired : &c->welch;
}

static cli_better conclude(const cli_comparison *c)
{
    const mnist_difference *d = decisive(c);
    if (c->sample[0].count < 2 || c->sample[1].count < 2)
        return CLI_BETTER_UNKNOWN;
    if (d->error == 0)
        return d->mean == 0 ? CLI_BETTER_NEITHER : CLI_BETTER_UNKNOWN;
    if (!(d->p < c->alpha))
        return CLI_BETTER_NEITHER;
    return (d->mean > 0) == (c->metric->higher != 0) ? CLI_BETTER_B
                                                     : CLI_BETTER_A;
}

bool cli_comparison_make(cli_comparison *c, const mnist_runs *a,
                         const mnist_runs *b)
{
    bool well = take_sample(&c->sample[0], a) && take_sample(&c->sample[1], b);
    mnist_run *of_a = sorted(a), *of_b = sorted(b);
    well = well && of_a && of_b;
    if (well) {
        c->welch = mnist_welch_test(&c->sample[0], &c->sample[1], 1 - c->alpha);
        well = pair(c, of_a, of_b);
        c->better = conclude(c);
    }
    free(of_a);
    free(of_b);
    return well;
}

/* ---- Telling ---- */

static bool is_accuracy(const cli_comparison *c)
{
    return strcmp(c->metric->unit, "points") == 0;
}

/* A figure in as many digits as say something. Returns `out`. */
static char *figure_text(char out[CLI_NUMBER_MAX], const cli_comparison *c,
                         double value)
{
    if (isnan(value))
        snprintf(out, CLI_NUMBER_MAX, "-");
    else if (is_accuracy(c))
        snprintf(out, CLI_NUMBER_MAX, "%.4f", value);
    else
        snprintf(out, CLI_NUMBER_MAX, "%.4g", value);
    return out;
}

static char *signed_text(char out[CLI_NUMBER_MAX], const cli_comparison *c,
                         double value)
{
    char text[CLI_NUMBER_MAX];
    snprintf(out, CLI_NUMBER_MAX, "%s%.30s", value > 0 ? "+" : "",
             figure_text(text, c, value));
    return out;
}

static void print_sample(const cli_comparison *c, size_t side)
{
    const mnist_sample *s = &c->sample[side];
    char mean[CLI_NUMBER_MAX], deviation[CLI_NUMBER_MAX], error[CLI_NUMBER_MAX];
    printf("%-19c %4zu  %10s  %10s  %10s  ", side ? 'B' : 'A', s->count,
           figure_text(mean, c, s->mean),
           figure_text(deviation, c, s->deviation),
           figure_text(error, c, s->error));
    cli_print_name(stdout, c->path[side]);
    putchar('\n');
}

static void print_difference(const cli_comparison *c)
{
    const mnist_difference *d = decisive(c);
    char mean[CLI_NUMBER_MAX], error[CLI_NUMBER_MAX];
    printf("\nB - A  %s +- %s", signed_text(mean, c, d->mean),
           figure_text(error, c, d->error));
    if (d->error > 0)
        printf(", %g %% confidence %s to %s", 100 * (1 - c->alpha),
               signed_text(mean, c, d->low), signed_text(error, c, d->high));
    putchar('\n');
}

/* "p = 0.012", or a bound of it where its digits say nothing. */
static char *p_text(char out[CLI_NUMBER_MAX], double p)
{
    if (p < 0.0001)
        snprintf(out, CLI_NUMBER_MAX, "p < 0.0001");
    else
        snprintf(out, CLI_NUMBER_MAX, "p = %.2g", p);
    return out;
}

static void print_test(const char *name, const mnist_difference *d)
{
    char p[CLI_NUMBER_MAX];
    if (d->error > 0)
        printf("%s  t = %.3g, %.3g degrees of freedom, %s\n", name, d->t,
               d->freedom, p_text(p, d->p));
}

/* "0.12 +- 0.03 points" */
static void print_size(const cli_comparison *c, double mean, double error)
{
    double unit = is_accuracy(c) ? 100 : 1;
    const char *name = c->metric->unit;
    printf(is_accuracy(c) ? "%.2f +- %.2f" : "%.3g +- %.2g", unit * mean,
           unit * error);
    printf("%s%s", *name ? " " : "", name);
}

static void print_unknown(const cli_comparison *c)
{
    bool single = c->sample[0].count < 2 || c->sample[1].count < 2;
    puts(single ? "One run tells nothing of the spread between runs: give at "
                  "least 2 a side,\nbetter 5, with different seeds"
                : "Without any spread between the runs there is no test; give "
                  "runs with different\nseeds");
}

static void print_neither(const cli_comparison *c)
{
    const mnist_difference *d = decisive(c);
    char p[CLI_NUMBER_MAX];
    if (d->error == 0) {
        puts("A and B are the same in every run");
        return;
    }
    printf("These runs do not tell A from B (%s%s)\n", p_text(p, d->p),
           c->pairs ? ", paired by seed" : "");
}

static void print_better(const cli_comparison *c)
{
    const mnist_difference *d = decisive(c);
    bool b = c->better == CLI_BETTER_B;
    bool seconds = strcmp(c->metric->unit, "s") == 0;
    char p[CLI_NUMBER_MAX];
    printf("%c is %s than %c by ", b ? 'B' : 'A', seconds ? "faster" : "better",
           b ? 'A' : 'B');
    print_size(c, fabs(d->mean), d->error);
    printf(" (%s%s)\n", p_text(p, d->p), c->pairs ? ", paired by seed" : "");
}

void cli_comparison_print(const cli_comparison *c)
{
    printf("%-19s %4s  %10s  %10s  %10s\n", c->metric->name, "runs", "mean",
           "deviation", "error");
    print_sample(c, 0);
    print_sample(c, 1);
    print_difference(c);
    print_test("Welch's t-test", &c->welch);
    if (c->pairs)
        print_test("paired by seed", &c->paired);
    putchar('\n');
    if (c->better == CLI_BETTER_UNKNOWN)
        print_unknown(c);
    else if (c->better == CLI_BETTER_NEITHER)
        print_neither(c);
    else
        print_better(c);
}

static void json_sample(cli_json *json, const cli_comparison *c, size_t side)
{
    const mnist_sample *s = &c->sample[side];
    cli_json_begin(json, side ? "b" : "a", '{');
    cli_json_text(json, "file", c->path[side]);
    cli_json_count(json, "count", s->count);
    cli_json_real(json, "mean", s->mean);
    cli_json_real(json, "deviation", s->deviation);
    cli_json_real(json, "error", s->error);
    cli_json_end(json, '}');
}

static void json_test(cli_json *json, const char *key,
                      const mnist_difference *d)
{
    cli_json_begin(json, key, '{');
    cli_json_real(json, "difference", d->mean);
    cli_json_real(json, "error", d->error);
    cli_json_real(json, "low", d->low);
    cli_json_real(json, "high", d->high);
    cli_json_real(json, "t", d->t);
    cli_json_real(json, "freedom", d->freedom);
    cli_json_real(json, "p", d->p);
    cli_json_end(json, '}');
}

void cli_comparison_json(const cli_comparison *c)
{
    static const char *const names[] = {[CLI_BETTER_UNKNOWN] = "unknown",
                                        [CLI_BETTER_NEITHER] = "neither",
                                        [CLI_BETTER_A] = "a",
                                        [CLI_BETTER_B] = "b"};
    cli_json json = cli_json_line("compare");
    cli_json_text(&json, "metric", c->metric->name);
    cli_json_bool(&json, "higher_is_better", c->metric->higher);
    cli_json_real(&json, "alpha", c->alpha);
    json_sample(&json, c, 0);
    json_sample(&json, c, 1);
    json_test(&json, "welch", &c->welch);
    if (c->pairs)
        json_test(&json, "paired", &c->paired);
    else
        cli_json_null(&json, "paired");
    cli_json_text(&json, "better", names[c->better]);
    cli_json_close(&json);
}
