import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { createCustomerSchema } from '../../schemas/create-customer.ts';
import { OperatorError } from '../operator-error.ts';

const { maxLength, pattern, 'x-says': patternSays } = createCustomerSchema.properties.api_password;
const plain = new RegExp(pattern, 'u');
const standardInput = '-';

async function readStandardInput(): Promise<Buffer> {
  if (process.stdin.isTTY) {
    throw new OperatorError('The terminal would show the password: pipe it in, name a file, or let one be made.');
  }
  try {
    return await buffer(process.stdin);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`Standard input cannot be read (${code}): pipe the password in.`);
  }
}

function readPasswordFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`The password file ${file} cannot be read (${code}): name one that can.`);
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new OperatorError('The password is no UTF-8 text.');
  }
}

/**
 * Reads an API password from a file, or from standard input where the file is `-`. One line end at its end is not part of it.
 * @throws OperatorError, without the password, when it cannot be read or has not the form of one
 */
export async function readPassword(file: string): Promise<string> {
  const bytes = file === standardInput ? await readStandardInput() : readPasswordFile(file);
  const password = decode(bytes).replace(/\r?\n$/, '');
  if (password === '') throw new OperatorError('The password is empty.');
  if ([...password].length > maxLength) throw new OperatorError(`The password has more than ${maxLength} characters.`);
  if (/[\r\n]/.test(password)) throw new OperatorError('The password must be one line.');
  if (!plain.test(password)) throw new OperatorError(`The password ${patternSays}.`);
  return password;
}
