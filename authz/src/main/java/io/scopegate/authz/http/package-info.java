/**
 * The one HTTP client for everything that the gateway fetches itself: the JDK's, with bounded
 * threads, bounded bodies, no redirects, and host names that are verified.
 */
@NullMarked
package io.scopegate.authz.http;

import org.jspecify.annotations.NullMarked;
