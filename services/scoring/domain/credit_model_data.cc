// Embeds the trained model; GREENROOM_CREDIT_MODEL is its path.
asm(".section .rodata\n"
    ".global greenroom_credit_model_begin\n"
    ".global greenroom_credit_model_end\n"
    "greenroom_credit_model_begin:\n"
    ".incbin \"" GREENROOM_CREDIT_MODEL
    "\"\n"
    "greenroom_credit_model_end:\n"
    ".byte 0\n"
    ".previous\n");
