/** Scopegate's demo. */
@NullMarked
package io.scopegate.demo;

import org.jspecify.annotations.NullMarked;
