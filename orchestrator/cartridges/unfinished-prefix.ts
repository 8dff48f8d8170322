/**
 * What begins with this is unfinished or doomed, and a leftover of a crash unless somebody holds the lock. What follows is
 * always the same for the same work: only root writes on the data partition, so nobody can put something else there, one
 * lock lets one do that work, and who does it again after a crash finds what is left and removes it first.
 */
export const unfinishedPrefix = '.new-'
