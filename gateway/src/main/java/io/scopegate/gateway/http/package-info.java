/** HTTP/1.1 and HTTP/2 on either side of one neutral exchange. */
@NullMarked
package io.scopegate.gateway.http;

import org.jspecify.annotations.NullMarked;
