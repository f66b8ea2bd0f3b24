/* What a shell can offer where a value or an operand is to be typed. */
#ifndef CLI_OFFER_H
#define CLI_OFFER_H

#include "cli/options/options.h"

typedef enum cli_offer_kind {
    CLI_OFFER_NOTHING, /* a number, say */
    CLI_OFFER_FILES,
    CLI_OFFER_FOLDERS,
    CLI_OFFER_WORDS
} cli_offer_kind;

typedef struct cli_offer {
    cli_offer_kind kind;
    const cli_option *option; /* whose words; NULL for those of an operand */
    const char *operand;
} cli_offer;

/* For the value of an option that has one. */
cli_offer cli_offer_value(const cli_option *option);

/* For the first operand of a command, and for those after it, by what the usage
   line calls them: DIR or FOLDER, alternatives like man|bash, or the name of a
   file. Alternatives are the first operand, and stand right behind the
   command. */
cli_offer cli_offer_first(const cli_command *command);
cli_offer cli_offer_rest(const cli_command *command);

/* Word number i of CLI_OFFER_WORDS; NULL past the last. No word needs quoting
   in a shell. Returns `out`. */
#define CLI_WORD_MAX 64
const char *cli_offer_word(char out[CLI_WORD_MAX], const cli_offer *offer,
                           size_t i);

/* What an option is for, in the few words that stand beside it in a menu: its
   help up to the first semicolon. Returns `out`. */
char *cli_offer_summary(char out[CLI_WORD_MAX * 4], const cli_option *option);

#endif
