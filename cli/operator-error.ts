/** Something that the operator has to change; the message says what. Shown without a stack. */
export class OperatorError extends Error {}
