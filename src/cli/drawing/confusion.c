#include "cli/drawing/confusion.h"

#include <string.h>

/* Of the 256-colour palette, which whatever shows any colour has. The matrix
   has its own dark ground, so that its colours mean the same on light and dark
   terminals. */
enum { GROUND = 233, FAINT = 240, LIGHT = 255, DARK = 16 };

enum { STEPS = 9 };

typedef struct ramp {
    unsigned char colors[STEPS];
    size_t dark; /* so many of them are: they have light text */
} ramp;

static const ramp right = {{236, 22, 22, 22, 22, 28, 28, 28, 34}, 8};
static const ramp wrong = {{52, 88, 124, 160, 166, 202, 208, 214, 220}, 4};

enum { LABEL = 5 }; /* columns of a row's label */

/* The matrix, and how it is printed. */
typedef struct matrix {
    const cli_terminal *terminal;
    const size_t *counts;
    size_t classes;
    size_t commonest; /* of the mistakes */
    bool heat;
    bool shares;                /* in per cent */
    int digits;                 /* of a cell's number, */
    const char *before, *after; /* the blanks around it, */
    const char *gap;            /* and those before a row of them */
} matrix;

static int digits_of(size_t value)
{
    return snprintf(NULL, 0, "%zu", value);
}

static size_t columns_of(const matrix *m)
{
    size_t cell = strlen(m->before) + (size_t)m->digits + strlen(m->after);
    return LABEL + strlen(m->gap) + m->classes * cell;
}

static matrix lay_out(const cli_terminal *terminal, const size_t *counts,
                      size_t classes)
{
    matrix m = {.terminal = terminal,
                .counts = counts,
                .classes = classes,
                .heat = terminal->color != CLI_COLOR_NONE,
                .digits = digits_of(classes - 1)};
    m.before = m.heat ? " " : "  ";
    m.after = m.gap = m.heat ? " " : "";
    for (size_t i = 0; i < classes * classes; i++) {
        if (m.digits < digits_of(counts[i]))
            m.digits = digits_of(counts[i]);
        if (i % (classes + 1) != 0 && counts[i] > m.commonest)
            m.commonest = counts[i];
    }
    matrix narrow = m;
    narrow.shares = true;
    narrow.digits = 3;
    narrow.before = narrow.after = "";
    if (terminal->person && columns_of(&m) > terminal->width &&
        columns_of(&narrow) <= terminal->width)
        return narrow;
    return m;
}

/* amount: above 0, up to 1. */
static void paint(FILE *out, const ramp *r, double amount)
{
    size_t i = (size_t)(amount * STEPS);
    i = i < STEPS ? i : STEPS - 1;
    fprintf(out, "\x1b[38;5;%d;48;5;%dm", i < r->dark ? LIGHT : DARK,
            r->colors[i]);
}

/* share: of the images with that label, 0..1. */
static void paint_cell(const matrix *m, size_t count, bool is_right,
                       double share)
{
    FILE *out = m->terminal->out;
    if (count == 0)
        fprintf(out, "\x1b[38;5;%d;48;5;%dm", FAINT, GROUND);
    else if (is_right)
        paint(out, &right, share);
    else
        paint(out, &wrong, (double)count / (double)m->commonest);
}

static void print_row(const matrix *m, size_t label)
{
    FILE *out = m->terminal->out;
    const size_t *row = m->counts + label * m->classes;
    size_t images = 0;
    for (size_t k = 0; k < m->classes; k++)
        images += row[k];
    fprintf(out, "%*zu%s", LABEL, label, m->gap);
    for (size_t k = 0; k < m->classes; k++) {
        double share = images ? (double)row[k] / (double)images : 0;
        if (m->heat)
            paint_cell(m, row[k], k == label, share);
        if (row[k] == 0 && k != label)
            fprintf(out, "%s%*s%s", m->before, m->digits, ".", m->after);
        else
            fprintf(out, "%s%*zu%s", m->before, m->digits,
                    m->shares ? (size_t)(100 * share + 0.5) : row[k], m->after);
    }
    fputs(m->heat ? "\x1b[0m\n" : "\n", out);
}

void cli_confusion_print(const cli_terminal *terminal, const size_t *counts,
                         size_t classes)
{
    matrix m = lay_out(terminal, counts, classes);
    FILE *out = terminal->out;
    fprintf(out, "\nlabel   predicted%s\n%*s%s",
            m.shares ? ", in per cent" : "", LABEL, "", m.gap);
    for (size_t k = 0; k < classes; k++)
        fprintf(out, "%s%*zu%s", m.before, m.digits, k,
                k + 1 < classes ? m.after : "");
    fputc('\n', out);
    for (size_t label = 0; label < classes; label++)
        print_row(&m, label);
}
