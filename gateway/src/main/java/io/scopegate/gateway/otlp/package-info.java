/** OTLP: what the gateway tells of itself, encoded and sent to one place. */
@NullMarked
package io.scopegate.gateway.otlp;

import org.jspecify.annotations.NullMarked;
