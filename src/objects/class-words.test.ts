import { expect, test } from 'vitest';
import { manyOfClass, oneOfClass } from './class-words.ts';

test.each([
  ['nuclei', 'Epithelial', 'Epithelial nucleus', 'Epithelial nuclei'],
  ['nuclei', 'Nucleus', 'Nucleus', 'Nuclei'],
  ['nuclei', 'nuclei', 'Nucleus', 'Nuclei'],
  ['nuclei', 'tumour nuclei', 'Tumour nucleus', 'Tumour nuclei'],
  ['nuclei', 'Lymphocytes', 'Lymphocyte nucleus', 'Lymphocyte nuclei'],
  ['nuclei', 'Immune cells', 'Immune cell nucleus', 'Immune cell nuclei'],
  ['nuclei', 'Connective', 'Connective tissue nucleus', 'Connective tissue nuclei'],
  ['nuclei', 'Stroma: Positive', 'Stroma: Positive nucleus', 'Stroma: Positive nuclei'],
  ['glands', 'Gland', 'Gland', 'Glands'],
  ['glands', 'Malignant', 'Malignant gland', 'Malignant glands'],
  ['glands', 'Benign gland', 'Benign gland', 'Benign glands'],
  ['lumina', 'Lumen', 'Lumen', 'Lumina'],
  ['annotations', 'Tumor', 'Tumor', 'Tumor'],
] as const)('%s of class %s', (kind, name, one, many) => {
  expect([oneOfClass(kind, name), manyOfClass(kind, name)]).toEqual([one, many]);
});
