/** What both processes of the textbook pipeline share: where the queue and the database are. */
export const connection = { url: process.env.REDIS_URL };
export const databaseUrl = process.env.DATABASE_URL;
export const queueName = 'textbook';
