/** Columns by which people know a row, best first. Whatever is masked never gets here in the clear. */
export const labelColumns = [
  "name",
  "title",
  "subject",
  "email",
  "username",
  "slug",
  "reference",
  "number",
  "code",
  "label",
];
