// Embeds the table that word_order_generator wrote; GREENROOM_WORD_ORDER_TABLE is its path.
#include "services/scoring/domain/word_order.h"

#include <cstdlib>

asm(".section .rodata\n"
    ".global greenroom_word_order_begin\n"
    ".global greenroom_word_order_end\n"
    "greenroom_word_order_begin:\n"
    ".incbin \"" GREENROOM_WORD_ORDER_TABLE
    "\"\n"
    "greenroom_word_order_end:\n"
    ".byte 0\n"
    ".previous\n");

namespace greenroom::scoring {

extern "C" const int8_t greenroom_word_order_begin[];

double Follows(WordKind first, WordKind second) {
  return kOrderUnit * greenroom_word_order_begin[size_t{first} * kWordKinds + second];
}

}  // namespace greenroom::scoring
