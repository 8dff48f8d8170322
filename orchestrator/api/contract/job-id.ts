/** The id of a job: a UUID in lower case. */
export const jobIdPattern = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
