/**
 * The whole chain on one machine: stand-ins for Kubernetes and Tempo, a gateway between them that
 * is configured by files like any other, and a tour of it.
 */
@NullMarked
package io.scopegate.demo;

import org.jspecify.annotations.NullMarked;
