#include "cli/offer.h"

#include "cli/command.h"

#include <inttypes.h>
#include <string.h>

/* So many numbers are listed; more are for the user to know. */
enum { FEW_NUMBERS = 10 };

static bool has_few_numbers(const cli_option *option)
{
    return option->kind == CLI_COUNT &&
           option->most - option->least < FEW_NUMBERS;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

cli_offer cli_offer_value(const cli_option *option)
{
    cli_offer offer = {CLI_OFFER_NOTHING, option, NULL};
    if (option->kind == CLI_CHOICE || option->word || has_few_numbers(option))
        offer.kind = CLI_OFFER_WORDS;
    else if (option->kind == CLI_TEXT && begins(option->value, "DIR"))
        offer.kind = CLI_OFFER_FOLDERS;
    else if (option->kind == CLI_TEXT && begins(option->value, "FILE"))
        offer.kind = CLI_OFFER_FILES;
    return offer;
}

cli_offer cli_offer_operands(const cli_command *command)
{
    cli_offer offer = {CLI_OFFER_FILES, NULL, command->operands};
    if (*command->operands == '\0')
        offer.kind = CLI_OFFER_NOTHING;
    else if (begins(command->operands, "DIR"))
        offer.kind = CLI_OFFER_FOLDERS;
    else if (strchr(command->operands, '|'))
        offer.kind = CLI_OFFER_WORDS;
    return offer;
}

/* Alternative number i of those that '|' parts. */
static const char *alternative(char out[CLI_WORD_MAX], const char *text,
                               size_t i)
{
    for (; i > 0 && *text; i--) {
        text += strcspn(text, "|");
        text += *text == '|';
    }
    if (*text == '\0')
        return NULL;
    snprintf(out, CLI_WORD_MAX, "%.*s", (int)strcspn(text, "|"), text);
    return out;
}

const char *cli_offer_word(char out[CLI_WORD_MAX], const cli_offer *offer,
                           size_t i)
{
    const cli_option *option = offer->option;
    const char *word = NULL;
    if (offer->kind != CLI_OFFER_WORDS)
        return NULL;
    if (!option)
        return alternative(out, offer->operands, i);
    if (has_few_numbers(option)) {
        if (i > option->most - option->least)
            return NULL;
        snprintf(out, CLI_WORD_MAX, "%" PRIu64, option->least + i);
        return out;
    }
    word = option->word ? option->word(i) : option->choices[i];
    if (word)
        snprintf(out, CLI_WORD_MAX, "%s", word);
    return word ? out : NULL;
}

char *cli_offer_summary(char out[CLI_WORD_MAX * 4], const cli_option *option)
{
    snprintf(out, (size_t)CLI_WORD_MAX * 4, "%.*s",
             (int)strcspn(option->help, ";"), option->help);
    return out;
}
