import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../api/charset.ts';
import { faultCodes } from '../../api/xmlrpc-fault.ts';
import { faultOf } from './faults-of-the-codec.ts';

function declaring(encoding: string, text: string): string {
  return `<?xml version="1.0" encoding="${encoding}"?><a>${text}</a>`;
}

function bytes(...parts: readonly (string | readonly number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
}

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

const zoe = [0x5a, 0x6f, 0xeb];
const utf8Mark = [0xef, 0xbb, 0xbf];

describe('a body that says nothing about its encoding', () => {
  it('is UTF-8', () => {
    expect(decodeBody(Buffer.from('<a>Zoë € 😀</a>'), undefined)).toBe('<a>Zoë € 😀</a>');
    expect(decodeBody(Buffer.from('<a>Zoë</a>'), 'text/xml')).toBe('<a>Zoë</a>');
  });

  it('is UTF-16 when its first character shows that', () => {
    expect(decodeBody(Buffer.from('<a>Zoë 😀</a>', 'utf16le'), undefined)).toBe('<a>Zoë 😀</a>');
    expect(decodeBody(utf16be('<a>Zoë 😀</a>'), undefined)).toBe('<a>Zoë 😀</a>');
  });

  it('may be empty', () => {
    expect(decodeBody(Buffer.alloc(0), undefined)).toBe('');
    expect(decodeBody(Buffer.from(utf8Mark), 'text/xml; charset=utf-16')).toBe('');
  });
});

describe('the XML declaration', () => {
  it.each([
    ['ISO-8859-1', 'latin1'],
    ['iso_8859-1:1987', 'latin1'],
    ['Latin1', 'latin1'],
    ['UTF-8', 'utf8'],
    ['utf8', 'utf8'],
    ['US-ASCII', 'utf8'],
    ['ascii', 'utf8'],
  ] as const)('that names %s is believed', (label, encoding) => {
    const text = declaring(label, 'Zoë');

    expect(decodeBody(Buffer.from(text, encoding), 'text/xml')).toBe(text);
  });

  it('may have single quotes, white space around = and a standalone part', () => {
    const text = `<?xml  version='1.0'\n encoding = 'iso-8859-1' standalone='yes' ?><a>ë</a>`;

    expect(decodeBody(Buffer.from(text, 'latin1'), undefined)).toBe(text);
  });

  it('counts only at the very beginning', () => {
    const text = `<a><?xml version="1.0" encoding="iso-8859-1"?>ë</a>`;

    expect(decodeBody(Buffer.from(text), undefined)).toBe(text);
  });
});

describe('the charset of the Content-Type', () => {
  it.each([
    'text/xml; charset=iso-8859-1',
    'text/xml;charset="ISO-8859-1"',
    "text/xml; version=1; Charset = 'latin1' ; x=y",
  ])('is found in %s', (contentType) => {
    expect(decodeBody(bytes('<a>', zoe, '</a>'), contentType)).toBe('<a>Zoë</a>');
  });

  it('outranks the XML declaration', () => {
    const text = declaring('iso-8859-1', 'Zoë');
    expect(decodeBody(Buffer.from(text), 'text/xml; charset=utf-8')).toBe(text);

    const latin1 = Buffer.from(declaring('utf-8', 'Zoë'), 'latin1');
    expect(decodeBody(latin1, 'text/xml; charset=iso-8859-1')).toBe(declaring('utf-8', 'Zoë'));
  });

  it('yields to the XML declaration when the bytes disprove it', () => {
    const latin1 = Buffer.from(declaring('iso-8859-1', 'Zoë'), 'latin1');
    expect(decodeBody(latin1, 'text/xml; charset=utf-8')).toBe(declaring('iso-8859-1', 'Zoë'));

    const undefinedIn1252 = Buffer.from(declaring('utf-8', 'Ý'));
    expect(undefinedIn1252.includes(0x9d)).toBe(true);
    expect(decodeBody(undefinedIn1252, 'text/xml; charset=windows-1252')).toBe(declaring('utf-8', 'Ý'));
  });

  it('is blamed when neither it nor the XML declaration fits the bytes', () => {
    for (const declared of ['us-ascii', 'koi8-r', 'utf-16']) {
      const body = Buffer.from(declaring(declared, 'Zoë'), 'latin1');
      const fault = faultOf(() => decodeBody(body, 'text/xml; charset=utf-8'));

      expect(fault.faultCode).toBe(faultCodes.invalidCharacter);
      expect(fault.message).toContain('the Content-Type names');
    }
  });

  it('throws -32701 when it is unknown, whatever the XML declaration says', () => {
    const fault = faultOf(() => decodeBody(Buffer.from(declaring('utf-8', 'a')), 'text/xml; charset=x-klingon'));

    expect(fault.faultCode).toBe(faultCodes.unsupportedEncoding);
    expect(fault.message).toBe('Unsupported encoding: the Content-Type names "x-klingon"; send UTF-8');
  });
});

describe('a byte order mark', () => {
  it('outranks everything and is no part of the text', () => {
    const text = declaring('iso-8859-1', 'Zoë');

    expect(decodeBody(bytes(utf8Mark, text), 'text/xml; charset=windows-1252')).toBe(text);
    expect(decodeBody(bytes([0xff, 0xfe], [...Buffer.from(text, 'utf16le')]), 'text/xml; charset=utf-8')).toBe(text);
    expect(decodeBody(bytes([0xfe, 0xff], [...utf16be(text)]), 'text/xml; charset=utf-16le')).toBe(text);
  });

  it('leaves no way out when the bytes do not fit it', () => {
    const body = bytes(utf8Mark, '<?xml version="1.0" encoding="iso-8859-1"?><a>', zoe, '</a>');

    expect(faultOf(() => decodeBody(body, undefined)).faultCode).toBe(faultCodes.invalidCharacter);
  });

  it('of UTF-32 throws -32701', () => {
    for (const mark of [
      [0xff, 0xfe, 0, 0],
      [0, 0, 0xfe, 0xff],
    ]) {
      expect(faultOf(() => decodeBody(bytes(mark, '<a/>'), undefined)).faultCode).toBe(faultCodes.unsupportedEncoding);
    }
  });
});

describe('windows-1252', () => {
  it('has the euro sign and its neighbours from 0x80 to 0x9F', () => {
    const body = bytes('<a>', [0x80, 0x82, 0x85, 0x8a, 0x8e, 0x93, 0x94, 0x96, 0x99, 0x9f, 0xa0, 0xff], '</a>');

    expect(decodeBody(body, 'text/xml; charset=windows-1252')).toBe('<a>€‚…ŠŽ“”–™Ÿ\u00a0ÿ</a>');
  });

  it('throws -32702 for the five bytes that it does not define, and for no other', () => {
    const refused = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => {
      try {
        decodeBody(Buffer.from([byte]), 'text/xml; charset=cp1252');
        return false;
      } catch {
        return true;
      }
    });

    expect(refused).toEqual([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
  });
});

describe('ISO-8859-1', () => {
  it('is itself and not windows-1252: 0x80 to 0x9F are control characters', () => {
    expect(decodeBody(bytes([0x80, 0x9f, 0xff]), 'text/xml; charset=iso-8859-1')).toBe('\u0080\u009fÿ');
  });
});

describe('bytes that are invalid in UTF-8', () => {
  it.each([
    ['a byte of Latin-1', [0xeb, 0x20]],
    ['a truncated sequence', [0xe2, 0x82]],
    ['an overlong sequence', [0xc0, 0xbc]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a number beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that never occurs', [0xff]],
  ])('such as %s throw -32702', (_, invalid) => {
    const fault = faultOf(() => decodeBody(bytes('<a>', invalid, '</a>'), undefined));

    expect(fault.faultCode).toBe(faultCodes.invalidCharacter);
    expect(fault.message).toBe('Invalid character: the body is not valid "UTF-8", which is the default; send UTF-8');
  });

  it('are told from a replacement character that was sent as such', () => {
    expect(decodeBody(Buffer.from('<a>\uFFFD</a>'), undefined)).toBe('<a>\uFFFD</a>');
  });
});

describe('UTF-16', () => {
  it.each([
    ['an odd number of bytes', Buffer.concat([Buffer.from('<a/>', 'utf16le'), Buffer.alloc(1)])],
    ['a high surrogate alone', Buffer.from('<a>\uD83D</a>', 'utf16le')],
    ['a low surrogate alone', Buffer.from('<a>\uDE00</a>', 'utf16le')],
    ['a high surrogate at the end', Buffer.from('<a/>\uD83D', 'utf16le')],
    ['bytes of the other order', utf16be('<a/>')],
    ['bytes that are no UTF-16 at all', Buffer.from('<a>ab</a>')],
  ])('with %s throws -32702', (_, body) => {
    const fault = faultOf(() => decodeBody(body, 'text/xml; charset=utf-16le'));

    expect(fault.faultCode).toBe(faultCodes.invalidCharacter);
  });

  it('does not change the body that it reads', () => {
    const body = utf16be('<a>Zoë</a>');
    const copy = Buffer.from(body);
    decodeBody(body, undefined);

    expect(body.equals(copy)).toBe(true);
  });
});
