/** Words that make a column's name that of a secret when it ends in one of them. */
export const secretLastWords = [
  ...["password", "passwd", "passphrase", "pwd", "secret", "secrets", "token", "tokens", "hash", "digest", "salt"],
  ...["otp", "pin", "totp", "cvv", "cvc", "ssn", "iban", "ciphertext", "apikey", "privatekey", "secretkey"],
  ...["credential", "credentials"],
];

/** Words that do so wherever they stand in the name. */
export const secretAnywhere = ["encrypted", "ciphertext", "password", "passwd"];

/** Pairs of words that do so at the name's end. */
export const secretPairs = [
  ...["api key", "private key", "secret key", "access key", "signing key", "encryption key", "license key", "auth key"],
  ...["backup codes", "recovery codes", "card number"],
];

const edge = "[^a-z0-9]";
const ends = [...secretLastWords, ...secretPairs.map((pair) => pair.replace(" ", `${edge}+`))];

/** The same as PostgreSQL's regular expression over a name in lower case with its words apart. */
export const secretNames = [
  `(^|${edge})(${ends.join("|")})${edge}*$`,
  `(^|${edge})(${secretAnywhere.join("|")})(${edge}|$)`,
  `^${edge}*key${edge}*$`,
].join("|");
