-- Tables as people have them: after MySQL's sample databases Sakila and Employees, and what some frameworks make.

CREATE TABLE language (
  language_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name CHAR(20) NOT NULL,
  last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (language_id),
  KEY idx_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE film (
  film_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  title VARCHAR(128) NOT NULL,
  description TEXT DEFAULT NULL,
  release_year YEAR DEFAULT NULL,
  language_id TINYINT UNSIGNED NOT NULL,
  rental_duration TINYINT UNSIGNED NOT NULL DEFAULT 3,
  rental_rate DECIMAL(4,2) NOT NULL DEFAULT 4.99,
  length SMALLINT UNSIGNED DEFAULT NULL,
  rating ENUM('G','PG','PG-13','R','NC-17') DEFAULT 'G',
  special_features SET('Trailers','Commentaries','Deleted Scenes','Behind the Scenes') DEFAULT NULL,
  last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (film_id),
  KEY idx_title (title),
  KEY idx_fk_language_id (language_id),
  KEY idx_year (release_year),
  KEY idx_rate (rental_rate),
  KEY idx_rating (rating),
  CONSTRAINT fk_film_language FOREIGN KEY (language_id) REFERENCES language (language_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE customer (
  customer_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  first_name VARCHAR(45) NOT NULL,
  email VARCHAR(50) DEFAULT NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE,
  create_date DATETIME NOT NULL,
  PRIMARY KEY (customer_id),
  UNIQUE KEY idx_email (email),
  KEY idx_create_date (create_date)
) ENGINE=InnoDB DEFAULT CHARSET=latin1;

CREATE TABLE payment (
  payment_id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  customer_id SMALLINT UNSIGNED NOT NULL,
  amount DECIMAL(5,2) NOT NULL,
  payment_date TIMESTAMP(3) NOT NULL,
  PRIMARY KEY (payment_id),
  KEY idx_customer (customer_id),
  KEY idx_date (payment_date)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE employees (
  emp_no INT NOT NULL,
  birth_date DATE NOT NULL,
  first_name VARCHAR(14) NOT NULL,
  gender ENUM('M','F') NOT NULL,
  PRIMARY KEY (emp_no)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE titles (
  emp_no INT NOT NULL,
  title VARCHAR(50) NOT NULL,
  from_date DATE NOT NULL,
  PRIMARY KEY (emp_no, title, from_date)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE users (
  login VARCHAR(40) NOT NULL PRIMARY KEY,
  shown VARCHAR(30) CHARACTER SET latin1 COLLATE latin1_german1_ci NOT NULL,
  token BINARY(16) NOT NULL,
  digest BINARY(4) NOT NULL,
  enabled BIT(1) NOT NULL DEFAULT b'1',
  UNIQUE KEY one_token (token),
  KEY idx_shown (shown)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user VARCHAR(40) NOT NULL,
  user_token BINARY(16) DEFAULT NULL,
  weight FLOAT DEFAULT NULL,
  created_at TIMESTAMP NULL DEFAULT NULL,
  updated_at TIMESTAMP NULL DEFAULT NULL,
  KEY idx_user (user)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT INTO language (name) VALUES ('English'), ('Italian'), ('english');
INSERT INTO film (title, description, release_year, language_id, rental_rate, rating) VALUES
  ('ACADEMY DINOSAUR', 'A Epic Drama', 2006, 1, 0.99, 'PG'),
  ('Academy Dinosaur', NULL, 1999, 2, 4.99, 'NC-17'),
  ('ACE GOLDFINGER', NULL, NULL, 3, 12.50, 'G'),
  ('Zebra', NULL, 2006, 1, 2.00, NULL),
  ('ábaco', NULL, 2006, 1, 2.01, 'R');
INSERT INTO customer (first_name, email, create_date) VALUES
  ('Mary', 'MARY@x.org', '2006-02-14 22:04:36'), ('José', 'jose@x.org', '2006-02-14 22:04:37');
INSERT INTO payment (customer_id, amount, payment_date) VALUES (1, 2.99, '2005-05-25 11:30:37.125'), (1, 0.99, '2005-05-28 10:35:23');
INSERT INTO employees VALUES (10001, '1953-09-02', 'Georgi', 'M'), (10002, '1964-06-02', 'Bezalel', 'F');
INSERT INTO titles VALUES (10001, 'Senior Engineer', '1986-06-26'), (10002, 'Staff', '1996-08-03');
INSERT INTO users (login, shown, token, digest) VALUES
  ('Ann', 'Ännchen', x'00112233445566778899aabbccddeeff', x'01020304'),
  ('bob', 'Bob', x'f0112233445566778899aabbccddeeff', x'00000000');
INSERT INTO orders (user, user_token, weight, created_at) VALUES
  ('Ann', x'00112233445566778899aabbccddeeff', 0.5, '2020-01-01 00:00:00'), ('ann', NULL, NULL, NULL), ('bob', NULL, 2.25, NULL);
