ALTER TYPE account_state ADD VALUE 'locked' BEFORE 'closed';
