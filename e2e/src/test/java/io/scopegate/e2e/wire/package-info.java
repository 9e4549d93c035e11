/**
 * Clients that send exactly the bytes they are given, over HTTP/1.1 and HTTP/2, in clear text and
 * over TLS. Nothing is validated on the way out.
 */
@NullMarked
package io.scopegate.e2e.wire;

import org.jspecify.annotations.NullMarked;
