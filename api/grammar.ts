import type { List, Value } from '../schemas/value.ts';
import { type ScalarForm, scalarForms } from './scalar-forms.ts';
import { isBlank, shorten, trimXml } from './xml-characters.ts';

/** An element that is open, and what its closed children left in it. */
export interface Frame {
  readonly rule: Rule;
  /** The text so far; stays empty in elements that hold only elements. */
  text: string;
  /** The name of a member or of the method. */
  label: string | undefined;
  value: Value | undefined;
  items: Value[] | undefined;
  members: Map<string, Value> | undefined;
}

/** What an element may hold, and what becomes of it when it closes. */
export interface Rule {
  readonly element: string;
  readonly children: readonly string[];
  readonly holdsText: boolean;
  /** Checks the element and leaves its outcome in the parent; returns what is wrong, or undefined. */
  readonly close: (frame: Frame, parent: Frame) => string | undefined;
}

/** A struct with more members is refused. */
export const maxMembers = 1000;

const methodName = /^[A-Za-z0-9_.:/]{1,255}$/;

function leaveValue(parent: Frame, value: Value): string | undefined {
  if (parent.value !== undefined) {
    return `<${parent.rule.element}> holds more than one value`;
  }
  parent.value = value;
  return undefined;
}

function leaveItem(parent: Frame, value: Value): undefined {
  parent.items ??= [];
  parent.items.push(value);
}

function leaveLabel(parent: Frame, label: string): string | undefined {
  if (parent.label !== undefined) {
    return `<${parent.rule.element}> holds more than one name`;
  }
  parent.label = label;
  return undefined;
}

function closeValue(frame: Frame, parent: Frame): string | undefined {
  if (frame.value !== undefined && !isBlank(frame.text)) {
    return 'text stands beside a typed value; remove it';
  }
  const value: Value = frame.value ?? { kind: 'string', text: frame.text };
  return parent.rule.element === 'data' ? leaveItem(parent, value) : leaveValue(parent, value);
}

function closeScalar(form: ScalarForm): Rule['close'] {
  return (frame, parent) => {
    const text = form.normalize(frame.text);
    return form.fits(text)
      ? leaveValue(parent, { kind: form.kind, text })
      : `<${frame.rule.element}> must hold ${form.expected}`;
  };
}

/** `params` and `data`: an ordered list, which may be empty. */
function closeItems(frame: Frame, parent: Frame): string | undefined {
  if (parent.items !== undefined) {
    return `<${parent.rule.element}> holds more than one <${frame.rule.element}>`;
  }
  parent.items = frame.items ?? [];
  return undefined;
}

function closeArray(frame: Frame, parent: Frame): string | undefined {
  if (frame.items === undefined) {
    return '<array> has no <data>';
  }
  const list: List = { kind: 'array', items: frame.items };
  return leaveValue(parent, list);
}

function closeStruct(frame: Frame, parent: Frame): string | undefined {
  return leaveValue(parent, { kind: 'struct', members: frame.members ?? new Map() });
}

function closeMember({ label, value }: Frame, parent: Frame): string | undefined {
  if (label === undefined || value === undefined) {
    return `<member> has no ${label === undefined ? '<name>' : '<value>'}`;
  }
  parent.members ??= new Map();
  if (parent.members.has(label)) {
    return `the struct holds member ${JSON.stringify(shorten(label))} twice`;
  }
  if (parent.members.size >= maxMembers) {
    return `the struct holds more than ${maxMembers} members`;
  }
  parent.members.set(label, value);
  return undefined;
}

function closeName(frame: Frame, parent: Frame): string | undefined {
  return frame.text === '' ? 'the <name> of a member is empty' : leaveLabel(parent, frame.text);
}

function closeMethodName(frame: Frame, parent: Frame): string | undefined {
  const name = trimXml(frame.text);
  return methodName.test(name)
    ? leaveLabel(parent, name)
    : '<methodName> must hold 1 to 255 letters, digits and characters of _ . : /';
}

function closeParam({ value }: Frame, parent: Frame): string | undefined {
  return value === undefined ? '<param> has no <value>' : leaveItem(parent, value);
}

function closeFault({ value }: Frame, parent: Frame): string | undefined {
  return value === undefined ? '<fault> has no <value>' : leaveValue(parent, value);
}

/** `methodCall` and `methodResponse`: what they must hold is judged by whoever wanted the document. */
function closeRoot({ label, items, value }: Frame, document: Frame): undefined {
  document.label = label;
  document.items = items;
  document.value = value;
}

function holdingElements(element: string, close: Rule['close'], ...children: readonly string[]): Rule {
  return { element, children, holdsText: false, close };
}

function holdingText(element: string, close: Rule['close'], ...children: readonly string[]): Rule {
  return { element, children, holdsText: true, close };
}

const rules: readonly Rule[] = [
  holdingElements('methodCall', closeRoot, 'methodName', 'params'),
  holdingElements('methodResponse', closeRoot, 'params', 'fault'),
  holdingText('methodName', closeMethodName),
  holdingElements('params', closeItems, 'param'),
  holdingElements('param', closeParam, 'value'),
  holdingElements('fault', closeFault, 'value'),
  holdingText('value', closeValue, 'struct', 'array', ...scalarForms.keys()),
  holdingElements('struct', closeStruct, 'member'),
  holdingElements('member', closeMember, 'name', 'value'),
  holdingText('name', closeName),
  holdingElements('array', closeArray, 'data'),
  holdingElements('data', closeItems, 'value'),
  ...[...scalarForms].map(([element, form]) => holdingText(element, closeScalar(form))),
];

/**
 * Every element of XML-RPC (xmlrpc.com/spec) by its name. Order is free where nothing depends on it: a member may have
 * its value before its name. Text in an element that holds only elements is refused; a `value` without an element is a
 * string.
 */
export const grammar: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.element, rule]));
