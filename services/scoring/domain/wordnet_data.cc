// Embeds the table that wordnet_generator wrote; GREENROOM_WORDNET_TABLE is its path.
asm(".section .rodata\n"
    ".balign 16\n"
    ".global greenroom_wordnet_begin\n"
    ".global greenroom_wordnet_end\n"
    "greenroom_wordnet_begin:\n"
    ".incbin \"" GREENROOM_WORDNET_TABLE
    "\"\n"
    "greenroom_wordnet_end:\n"
    ".byte 0\n"
    ".previous\n");
