/** Something about an import that whoever started it has to change; the message says what. Shown without a stack. */
export class ImportProblem extends Error {}
