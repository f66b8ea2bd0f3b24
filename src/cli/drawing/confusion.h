/*
 * The confusion matrix: how often images with a label (rows) were taken for
 * each label (columns).
 *
 * Where there is colour it is a heat map too: right ones in green, the more of
 * their label the brighter, mistakes from black to yellow, the commonest the
 * brightest. In a window that is too narrow, shares in per cent are shown.
 */
#ifndef CLI_CONFUSION_H
#define CLI_CONFUSION_H

#include "cli/terminal/terminal.h"

#include <stddef.h>

/* counts: classes x classes. */
void cli_confusion_print(const cli_terminal *terminal, const size_t *counts,
                         size_t classes);

#endif
