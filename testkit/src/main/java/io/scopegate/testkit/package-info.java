/**
 * What every stand-in shares: a certificate authority of its own, faults to order, gates to step
 * through, and a plain-socket client for behaviour that no decent client shows.
 */
@NullMarked
package io.scopegate.testkit;

import org.jspecify.annotations.NullMarked;
