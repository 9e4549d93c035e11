/**
 * What every stand-in shares: a certificate authority of its own, faults to order, gates to step
 * through, and a plain-socket client for behaviour of clients that are not well-behaved.
 */
@NullMarked
package io.scopegate.testkit;

import org.jspecify.annotations.NullMarked;
