/** Numbers of the categories below. */
export const Category = { Other: 0, Python: 1, Native: 2, Kernel: 3, GarbageCollection: 4 } as const;

/** What frames are coloured by. The grey one is what Firefox takes for "none of these". */
export const CATEGORIES = [
  { name: 'Other', color: 'grey', subcategories: ['Other'] },
  { name: 'Python', color: 'yellow', subcategories: ['Other'] },
  { name: 'Native', color: 'blue', subcategories: ['Other'] },
  { name: 'Kernel', color: 'orange', subcategories: ['Other'] },
  { name: 'Garbage collection', color: 'purple', subcategories: ['Other'] },
];
