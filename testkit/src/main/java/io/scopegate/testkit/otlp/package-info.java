/** A receiver of what the gateway tells of itself. */
@NullMarked
package io.scopegate.testkit.otlp;

import org.jspecify.annotations.NullMarked;
