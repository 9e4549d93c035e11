/** Scopegate's testkit. */
@NullMarked
package io.scopegate.testkit;

import org.jspecify.annotations.NullMarked;
