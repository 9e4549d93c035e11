/** Metrics and access logs. */
@NullMarked
package io.scopegate.gateway.telemetry;

import org.jspecify.annotations.NullMarked;
