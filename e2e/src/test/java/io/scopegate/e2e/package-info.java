/**
 * The chain against real parts. Every part is a process of its own, the gateway included; their
 * logs and files are in {@code target/e2e}.
 */
@NullMarked
package io.scopegate.e2e;

import org.jspecify.annotations.NullMarked;
