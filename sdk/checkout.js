// The embeddable SDK will be here: one script that opens the checkout page over a shop's own page.
// Nothing is defined yet, so that a shop cannot mistake a stand-in for it.
