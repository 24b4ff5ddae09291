/** The address that is asked for; written by the proxy, read where somebody is sent to sign in first. */
export const pathHeader = "x-caretaker-path";
