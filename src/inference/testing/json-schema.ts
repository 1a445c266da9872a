// As much of JSON Schema as public/model.schema.json uses; a keyword it does not know is an error, not a pass.
type Schema = { readonly [keyword: string]: unknown };

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES: Record<string, (value: unknown) => boolean> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
};

export function matchesSchema(value: unknown, schema: unknown, root: unknown = schema): boolean {
  if (!isRecord(schema) || !isRecord(root)) throw new Error('A schema is an object.');
  const matches = (inner: unknown, with_: unknown): boolean => matchesSchema(inner, with_, root);
  const rules: Record<string, (rule: unknown) => boolean> = {
    $schema: () => true,
    $defs: () => true,
    title: () => true,
    description: () => true,
    $ref: (rule) => matches(value, isRecord(root.$defs) ? root.$defs[String(rule).replace('#/$defs/', '')] : undefined),
    type: (rule) => TYPES[String(rule)]?.(value) ?? false,
    const: (rule) => value === rule,
    enum: (rule) => Array.isArray(rule) && rule.includes(value),
    pattern: (rule) => typeof value !== 'string' || new RegExp(String(rule)).test(value),
    minimum: (rule) => typeof value !== 'number' || value >= Number(rule),
    maximum: (rule) => typeof value !== 'number' || value <= Number(rule),
    exclusiveMinimum: (rule) => typeof value !== 'number' || value > Number(rule),
    minItems: (rule) => !Array.isArray(value) || value.length >= Number(rule),
    maxItems: (rule) => !Array.isArray(value) || value.length <= Number(rule),
    items: (rule) => !Array.isArray(value) || value.every((item) => matches(item, rule)),
    required: (rule) => !isRecord(value) || (Array.isArray(rule) && rule.every((name) => Object.hasOwn(value, name))),
    properties: (rule) =>
      !isRecord(value) ||
      !isRecord(rule) ||
      Object.entries(rule).every(([name, inner]) => !Object.hasOwn(value, name) || matches(value[name], inner)),
    oneOf: (rule) => Array.isArray(rule) && rule.filter((inner) => matches(value, inner)).length === 1,
  };
  return Object.entries(schema).every(([keyword, rule]) => {
    const check = rules[keyword];
    if (!check) throw new Error(`The schema uses ${keyword}, which this test does not know.`);
    return check(rule);
  });
}
