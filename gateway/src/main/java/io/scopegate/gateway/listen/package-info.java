/** Ports: TLS or clear text by the first byte, ALPN, connection limits and age. */
@NullMarked
package io.scopegate.gateway.listen;

import org.jspecify.annotations.NullMarked;
