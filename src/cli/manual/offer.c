#include "cli/manual/offer.h"

#include "cli/options/command.h"

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

static bool names_folder(const char *text)
{
    return begins(text, "DIR") || begins(text, "FOLDER");
}

cli_offer cli_offer_value(const cli_option *option)
{
    cli_offer offer = {CLI_OFFER_NOTHING, option, NULL};
    if (option->kind == CLI_CHOICE || option->word || has_few_numbers(option))
        offer.kind = CLI_OFFER_WORDS;
    else if (option->kind == CLI_TEXT && names_folder(option->value))
        offer.kind = CLI_OFFER_FOLDERS;
    else if (option->kind == CLI_TEXT && begins(option->value, "FILE"))
        offer.kind = CLI_OFFER_FILES;
    return offer;
}

/* By a word of the usage line, which a blank or the line ends. */
static cli_offer offer_operand(const char *operand)
{
    cli_offer offer = {CLI_OFFER_FILES, NULL, operand};
    const char *bar = memchr(operand, '|', strcspn(operand, " "));
    if (*operand == '\0')
        offer.kind = CLI_OFFER_NOTHING;
    else if (bar && *operand >= 'a' && *operand <= 'z')
        offer.kind = CLI_OFFER_WORDS;
    else if (!bar && names_folder(operand))
        offer.kind = CLI_OFFER_FOLDERS;
    return offer;
}

cli_offer cli_offer_first(const cli_command *command)
{
    return offer_operand(command->operands);
}

cli_offer cli_offer_rest(const cli_command *command)
{
    const char *last = strrchr(command->operands, ' ');
    if (command->most_operands < 2)
        return offer_operand("");
    return offer_operand(last ? last + 1 : command->operands);
}

/* Alternative number i of those that '|' parts in a word. */
static const char *alternative(char out[CLI_WORD_MAX], const char *text,
                               size_t i)
{
    for (; i > 0; i--) {
        text += strcspn(text, "| ");
        if (*text != '|')
            return NULL;
        text++;
    }
    snprintf(out, CLI_WORD_MAX, "%.*s", (int)strcspn(text, "| "), text);
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
        return alternative(out, offer->operand, i);
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
