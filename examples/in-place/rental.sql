-- What a team has today; Andon never writes it. The last payment is of a customer that nobody knows.
CREATE TABLE customer (customer_id INTEGER, email TEXT);
INSERT INTO customer VALUES (1, 'ann@example.com'), (2, 'bob@example.com');
CREATE TABLE payment (payment_id INTEGER, customer_id INTEGER, amount REAL);
INSERT INTO payment VALUES (1, 1, 4.99), (2, 2, 0.99), (3, 9, 2.99);
