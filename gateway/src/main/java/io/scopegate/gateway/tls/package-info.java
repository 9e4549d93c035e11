/** Certificates and TLS, for listeners and upstreams alike; files are followed when they change. */
@NullMarked
package io.scopegate.gateway.tls;

import org.jspecify.annotations.NullMarked;
