/** JSON written straight into bytes: log lines and the bodies of refusals. */
@NullMarked
package io.scopegate.gateway.json;

import org.jspecify.annotations.NullMarked;
