import { readFileSync } from 'node:fs';
import { createCustomerSchema } from '../../schemas/create-customer.ts';
import { OperatorError } from '../operator-error.ts';

const { maxLength, pattern, 'x-says': patternSays } = createCustomerSchema.properties.api_password;
const plain = new RegExp(pattern, 'u');
const standardInput = 0;

function readBytes(file: string): Buffer {
  if (file === '-' && process.stdin.isTTY) {
    throw new OperatorError('The terminal would show the password: pipe it in, name a file, or let one be made.');
  }
  try {
    return readFileSync(file === '-' ? standardInput : file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (file === '-') throw new OperatorError(`Standard input cannot be read (${code}): pipe the password in.`);
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
export function readPassword(file: string): string {
  const password = decode(readBytes(file)).replace(/\r?\n$/, '');
  if (password === '') throw new OperatorError('The password is empty.');
  if ([...password].length > maxLength) throw new OperatorError(`The password has more than ${maxLength} characters.`);
  if (/[\r\n]/.test(password)) throw new OperatorError('The password must be one line.');
  if (!plain.test(password)) throw new OperatorError(`The password ${patternSays}.`);
  return password;
}
